/* auth_results: see auth_results.h. */
#include "filters/auth_results.h"

enum { VALUE_MAX = 400, REASON_MAX = 200 };

void auth_results_init(struct auth_results *r, struct arena *arena)
{
    r->arena = arena;
    r->first = NULL;
    r->last = &r->first;
    r->first_field = NULL;
    r->last_field = &r->first_field;
}

void auth_results_add(struct auth_results *r, const struct auth_result *result)
{
    struct auth_result *copy = arena_alloc(r->arena, sizeof *copy);
    *copy = *result;
    copy->next = NULL;
    if (result->property_count) {
        struct auth_property *properties = arena_alloc(r->arena, result->property_count * sizeof *properties);
        memcpy(properties, result->properties, result->property_count * sizeof *properties);
        copy->properties = properties;
    }
    *r->last = copy;
    r->last = &copy->next;
}

/* Only printable ASCII goes into our field: whatever else came from outside is shown as a question mark. */
static char printable(char c)
{
    return c >= ' ' && c <= '~' ? c : '?';
}

/* RFC 2045 §5.1: token. */
static bool is_token_byte(char c)
{
    return c > ' ' && c <= '~' && !strchr("()<>@,;:\\\"/[]?=", c);
}

static bool is_token(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_byte(s.ptr[i]))
            return false;
    return s.len > 0;
}

static bool is_dot_atom(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]) && (s.ptr[i] == '\0' || !strchr(".-_+=", s.ptr[i])))
            return false;
    return s.len > 0 && s.ptr[0] != '.' && s.ptr[s.len - 1] != '.';
}

/* pvalue (RFC 8601 §2.2) that needs no quotes: a token, or [local-part]@domain of plain characters. */
static bool is_plain(struct slice s)
{
    ptrdiff_t at = slice_index(s, '@');
    if (at < 0)
        return is_token(s);
    return (at == 0 || is_dot_atom(slice_first(s, (size_t)at))) && is_dot_atom(slice_skip(s, (size_t)at + 1));
}

static void add_quoted(struct buf *out, struct slice s)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        char c = printable(s.ptr[i]);
        if (c == '"' || c == '\\')
            buf_add_byte(out, '\\');
        buf_add_byte(out, c);
    }
    buf_add_byte(out, '"');
}

static void add_value(struct buf *out, struct slice s)
{
    s = slice_first(s, VALUE_MAX);
    if (is_plain(s))
        buf_add(out, s);
    else
        add_quoted(out, s);
}

static void add_comment(struct buf *out, struct slice s)
{
    s = slice_first(s, REASON_MAX);
    buf_add_byte(out, '(');
    for (size_t i = 0; i < s.len; i++) {
        char c = printable(s.ptr[i]);
        buf_add_byte(out, c == '(' || c == ')' || c == '\\' ? '?' : c);
    }
    buf_add_byte(out, ')');
}

enum { LINE_WANTED = 76 };

/* Writes a piece that must stay together, on this line or the next. */
static void put_piece(struct buf *out, size_t *column, const struct buf *piece)
{
    if (*column + 1 + piece->len > LINE_WANTED && *column > 8) {
        buf_add_text(out, "\r\n\t");
        *column = 8;
    } else if (*column > 8) {
        buf_add_byte(out, ' ');
        ++*column;
    }
    buf_add(out, buf_slice(piece));
    *column += piece->len;
}

static void put_result(struct buf *out, const struct auth_result *result, struct buf *piece)
{
    size_t column = 8;
    buf_add_text(out, ";\r\n\t");
    buf_clear(piece);
    buf_add_format(piece, "%s=%s", result->method, result->result);
    put_piece(out, &column, piece);
    if (result->comment.len) {
        buf_clear(piece);
        add_comment(piece, result->comment);
        put_piece(out, &column, piece);
    }
    if (result->reason.len) {
        buf_clear(piece);
        buf_add_text(piece, "reason=");
        add_quoted(piece, slice_first(result->reason, REASON_MAX));
        put_piece(out, &column, piece);
    }
    for (size_t i = 0; i < result->property_count; i++) {
        buf_clear(piece);
        buf_add_format(piece, "%s.%s=", result->properties[i].ptype, result->properties[i].property);
        add_value(piece, result->properties[i].value);
        put_piece(out, &column, piece);
    }
}

void auth_results_format(const struct auth_results *r, const char *authserv_id, struct buf *out)
{
    struct buf piece = {0};
    buf_add_text(out, "Authentication-Results: ");
    add_value(out, slice_of(authserv_id));
    if (!r->first)
        buf_add_text(out, "; none");
    for (const struct auth_result *result = r->first; result; result = result->next)
        put_result(out, result, &piece);
    buf_add_text(out, "\r\n");
    buf_release(&piece);
}
