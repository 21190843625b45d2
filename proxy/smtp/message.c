/* message: see message.h. Lines are collected until the first byte of the next one tells whether the field goes on. */
#include "proxy/smtp/message.h"

#include "filters/auth_results.h"

static void release_field(void *field)
{
    buf_release(field);
}

void message_init(struct message *m, struct arena *arena, const char *authserv_id, size_t header_max, size_t fields_max,
                  void (*on_field)(void *ctx, const struct mail_header *field), void (*on_end)(void *ctx), void *ctx)
{
    *m = (struct message){
        .arena = arena,
        .authserv_id = authserv_id,
        .header_max = header_max,
        .fields_max = fields_max,
        .on_field = on_field,
        .on_end = on_end,
        .ctx = ctx,
    };
    m->fields_last = &m->fields;
    arena_add_cleanup(arena, release_field, &m->field);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice without_newline(struct slice s)
{
    if (s.len && s.ptr[s.len - 1] == '\n')
        s.len--;
    if (s.len && s.ptr[s.len - 1] == '\r')
        s.len--;
    return s;
}

enum line_kind { FIELD, NO_FIELD, UNDECIDED };

/* What the first line of a field, or as much as is known of it, is (RFC 5322 §2.2; blanks before the colon: §4.5, obsolete
 * but taken for a field by every mail reader). */
static enum line_kind split_line(struct slice line, size_t *name, size_t *colon)
{
    *name = 0;
    while (*name < line.len && line.ptr[*name] > 32 && line.ptr[*name] < 127 && line.ptr[*name] != ':')
        ++*name;
    *colon = *name;
    while (*colon < line.len && is_blank(line.ptr[*colon]))
        ++*colon;
    if (*colon == line.len)
        return UNDECIDED;
    return *name > 0 && line.ptr[*colon] == ':' ? FIELD : NO_FIELD;
}

static bool parse_field(struct slice raw, struct mail_header *field)
{
    size_t name, colon;
    if (split_line(raw, &name, &colon) != FIELD)
        return false;
    *field = (struct mail_header){
        .name = slice_first(raw, name),
        .value = slice_skip(raw, colon + 1),
        .raw = raw,
        .space_before_colon = colon > name,
    };
    return true;
}

/* Fields that only we may have written (RFC 8601 §5). */
static bool is_forged(const struct message *m, const struct mail_header *field)
{
    if (slice_starts_nocase(field->name, SLICE("X-Mailweir-")))
        return true;
    return m->authserv_id && slice_eq_nocase(field->name, SLICE("Authentication-Results")) &&
           auth_results_claims(field->value, m->authserv_id);
}

static void note_field(struct message *m, const struct mail_header *field, uint64_t end)
{
    struct message_field *note = arena_alloc(m->arena, sizeof *note);
    struct slice raw = field->raw;
    ptrdiff_t newline = slice_index(raw, '\n');
    size_t line = without_newline(newline < 0 ? raw : slice_first(raw, (size_t)newline + 1)).len;
    size_t value = (size_t)(field->value.ptr - raw.ptr), text = value;
    while (text < line && is_blank(raw.ptr[text]))
        text++;
    *note = (struct message_field){
        .name = arena_copy(m->arena, field->name),
        .offset = m->field_start,
        .length = end - m->field_start,
        .value_at = value + m->stuffed,
        .text_at = text + m->stuffed,
        .line_end = line + m->stuffed,
        .forged = is_forged(m, field),
    };
    *m->fields_last = note;
    m->fields_last = &note->next;
}

/* The collected field is whole; it reaches up to end, in wire bytes. */
static void finish_field(struct message *m, uint64_t end)
{
    struct mail_header field;
    m->too_large = m->field_count == m->fields_max;
    if (m->too_large || !parse_field(without_newline(buf_slice(&m->field)), &field))
        return;
    m->field_count++;
    m->received_count += slice_eq_nocase(field.name, SLICE("Received"));
    m->from_count += slice_eq_nocase(field.name, SLICE("From"));
    note_field(m, &field, end);
    if (m->on_field)
        m->on_field(m->ctx, &field);
    buf_clear(&m->field);
}

static void end_header(struct message *m)
{
    if (!m->ended && m->on_end)
        m->on_end(m->ctx);
    m->ended = true;
    m->in_body = true;
}

/* The line being collected is no field: it is the beginning of the body. */
static void begin_body_at_line(struct message *m)
{
    m->malformed = true;
    end_header(m);
}

/* A line stands at its first byte c: it continues the field, or the field is whole. */
static void begin_line(struct message *m, char c, bool stuffed, uint64_t line_start)
{
    m->in_line = true;
    m->first_line = m->field.len == 0 || !is_blank(c);
    if (!m->first_line)
        return;
    if (m->field.len)
        finish_field(m, line_start);
    m->field_start = line_start;
    m->stuffed = stuffed;
}

/* A line is whole. */
static void end_line(struct message *m)
{
    struct mail_header field;
    struct slice line = without_newline(buf_slice(&m->field));
    m->in_line = false;
    if (!m->first_line || parse_field(line, &field))
        return;
    if (line.len == 0) {
        buf_clear(&m->field);
        end_header(m);
    } else {
        begin_body_at_line(m);
    }
}

/* The section is over its limit, unless the line that breaks it proves to be no field and so part of the body. */
static void pass_limit(struct message *m)
{
    size_t name, colon;
    struct slice line = buf_slice(&m->field);
    bool empty_line = m->first_line && slice_eq(line, SLICE("\r"));
    if (empty_line)
        return;
    if (m->first_line && split_line(line, &name, &colon) == NO_FIELD)
        begin_body_at_line(m);
    else
        m->too_large = true;
}

/* A line, or what there is of it, but no more than one byte over the limit: so a split of the input changes nothing. */
static struct slice next_part(const struct message *m, struct slice text)
{
    size_t room = m->header_bytes < m->header_max ? m->header_max - m->header_bytes : 0;
    struct slice part = room < text.len ? slice_first(text, room + 1) : text;
    ptrdiff_t newline = slice_index(part, '\n');
    return newline < 0 ? part : slice_first(part, (size_t)newline + 1);
}

/* Takes a part of a line from the front of both; the wire form may have a stuffed dot in front. */
static void take_part(struct message *m, struct slice *wire, struct slice *text)
{
    struct slice part = next_part(m, *text);
    bool stuffed = !m->in_line && wire->len > text->len && wire->ptr[0] == '.';
    if (!m->in_line)
        begin_line(m, part.ptr[0], stuffed, m->wire_offset);
    if (m->too_large)
        return;
    m->wire_offset += part.len + stuffed;
    *wire = slice_skip(*wire, part.len + stuffed);
    *text = slice_skip(*text, part.len);
    buf_add(&m->field, part);
    m->header_bytes += part.len;
    if (part.ptr[part.len - 1] == '\n')
        end_line(m);
    if (!m->in_body && m->header_bytes > m->header_max)
        pass_limit(m);
}

struct slice message_feed(struct message *m, struct slice wire, struct slice text)
{
    if (m->in_body) {
        buf_release(&m->field);
        return text;
    }
    while (text.len && !m->in_body && !m->too_large)
        take_part(m, &wire, &text);
    if (!m->in_body)
        return slice_make("", 0);
    if (m->field.len == 0)
        return text;
    buf_add(&m->field, text);
    return buf_slice(&m->field);
}

struct slice message_finish(struct message *m)
{
    struct slice none = {"", 0};
    if (m->in_body)
        return none;
    if (m->in_line && !m->too_large)
        end_line(m);
    if (m->in_body)
        return buf_slice(&m->field);
    if (m->field.len && !m->too_large)
        finish_field(m, m->wire_offset);
    end_header(m);
    return none;
}
