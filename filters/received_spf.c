/* received_spf: see received_spf.h. */
#include "filters/received_spf.h"

enum { VALUE_MAX = 400, LINE_WANTED = 76, NAME_COLUMNS = 14, TAB_COLUMNS = 8 };

struct line {
    struct buf *out;
    struct buf piece; /* what must stay together */
    size_t column;
};

static char printable(char c)
{
    return c >= ' ' && c <= '~' ? c : '?';
}

/* RFC 5322 §3.2.3. */
static bool is_atext(char c)
{
    return ascii_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_dot_atom(struct slice s)
{
    bool dot = true;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' ? dot : !is_atext(s.ptr[i]))
            return false;
        dot = s.ptr[i] == '.';
    }
    return !dot;
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

/* Writes the piece on this line, or the next if it is full. */
static void put_piece(struct line *line)
{
    bool fits = line->column + 1 + line->piece.len <= LINE_WANTED;
    buf_add_text(line->out, fits ? " " : "\r\n\t");
    line->column = (fits ? line->column + 1 : TAB_COLUMNS) + line->piece.len;
    buf_add(line->out, buf_slice(&line->piece));
    buf_clear(&line->piece);
}

static void add_in_comment(struct buf *out, struct slice text)
{
    text = slice_first(text, VALUE_MAX);
    for (size_t i = 0; i < text.len; i++) {
        char c = printable(text.ptr[i]);
        buf_add_byte(out, c == '(' || c == ')' || c == '\\' ? '?' : c);
    }
}

static const char *phrase(const char *result)
{
    static const char *const phrases[][2] = {
        {"pass", "is allowed to send for"},
        {"fail", "is not allowed to send for"},
        {"softfail", "is probably not allowed to send for"},
        {"neutral", "is neither allowed nor forbidden to send for"},
        {"none", "is not mentioned by any policy of"},
        {"temperror", "could not be checked for now against the policy of"},
        {"permerror", "could not be checked against the policy of"},
    };
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (strcmp(result, phrases[i][0]) == 0)
            return phrases[i][1];
    return NULL;
}

static void put_comment(struct line *line, const struct received_spf *r)
{
    const char *text = phrase(r->result);
    if (!text || r->domain.len == 0 || r->client_ip.len == 0)
        return;
    buf_add_byte(&line->piece, '(');
    add_in_comment(&line->piece, r->client_ip);
    buf_add_format(&line->piece, " %s ", text);
    add_in_comment(&line->piece, r->domain);
    buf_add_byte(&line->piece, ')');
    put_piece(line);
}

/* key-value-pair: a dot-atom stands as it is, all else in quotes. */
static void put_pair(struct line *line, const char *key, struct slice value)
{
    if (value.len == 0)
        return;
    value = slice_first(value, VALUE_MAX);
    buf_add_format(&line->piece, "%s=", key);
    if (is_dot_atom(value))
        buf_add(&line->piece, value);
    else
        add_quoted(&line->piece, value);
    buf_add_byte(&line->piece, ';');
    put_piece(line);
}

void received_spf_format(const struct received_spf *r, struct buf *out)
{
    struct line line = {.out = out, .column = NAME_COLUMNS + strlen(r->result)};
    buf_add_text(out, r->result);
    put_comment(&line, r);
    put_pair(&line, "client-ip", r->client_ip);
    put_pair(&line, "envelope-from", r->envelope_from);
    put_pair(&line, "helo", r->helo);
    put_pair(&line, "identity", slice_of(r->identity));
    put_pair(&line, "mechanism", r->mechanism);
    put_pair(&line, "problem", r->problem);
    put_pair(&line, "receiver", r->receiver);
    buf_release(&line.piece);
}

void received_spf_add(struct auth_results *results, const struct received_spf *r)
{
    struct buf value = {0};
    received_spf_format(r, &value);
    auth_results_add_field(results, "Received-SPF", buf_slice(&value));
    buf_release(&value);
}
