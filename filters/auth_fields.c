/* auth_fields: trace fields of filters beside Authentication-Results. See auth_results.h.
 *
 * A value is checked here once more, byte for byte, whoever wrote it: a field that is none would let its author write into the
 * header section at will. */
#include "filters/auth_results.h"

enum { LINE_MAX_BYTES = 998, NAME_MAX_BYTES = 76 };

/* RFC 5322 §3.6.8. */
static bool is_field_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || *c > '~' || *c == ':')
            return false;
    return *name && strlen(name) <= NAME_MAX_BYTES;
}

static bool is_line(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] != '\t' && (line.ptr[i] < ' ' || line.ptr[i] > '~'))
            return false;
    return slice_trim(line).len > 0;
}

/* Each line but the first begins with a blank and none is empty, so that no header section ends here. */
static bool is_folded(struct slice value, size_t name_len)
{
    struct slice line;
    size_t before = name_len + 2;
    while (slice_split(&value, '\n', &line)) {
        bool last = value.ptr == NULL;
        if (!last && (line.len == 0 || line.ptr[line.len - 1] != '\r'))
            return false;
        line.len -= last ? 0 : 1;
        if (!is_line(line) || before + line.len > LINE_MAX_BYTES)
            return false;
        if (!last && (value.len == 0 || (value.ptr[0] != ' ' && value.ptr[0] != '\t')))
            return false;
        before = 0;
    }
    return true;
}

bool auth_results_add_field(struct auth_results *r, const char *name, struct slice value)
{
    if (!is_field_name(name) || !is_folded(value, strlen(name)))
        return false;
    struct trace_field *field = arena_alloc(r->arena, sizeof *field);
    field->name = name;
    field->value = arena_copy(r->arena, value);
    *r->last_field = field;
    r->last_field = &field->next;
    return true;
}

void auth_results_format_fields(const struct auth_results *r, struct buf *out)
{
    for (const struct trace_field *field = r->first_field; field; field = field->next) {
        buf_add_format(out, "%s: ", field->name);
        buf_add(out, field->value);
        buf_add_text(out, "\r\n");
    }
}
