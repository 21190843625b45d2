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

static void put_comment(struct line *line, struct slice text)
{
    if (text.len == 0)
        return;
    text = slice_first(text, VALUE_MAX);
    buf_add_byte(&line->piece, '(');
    for (size_t i = 0; i < text.len; i++) {
        char c = printable(text.ptr[i]);
        buf_add_byte(&line->piece, c == '(' || c == ')' || c == '\\' ? '?' : c);
    }
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
    put_comment(&line, r->comment);
    put_pair(&line, "client-ip", r->client_ip);
    put_pair(&line, "envelope-from", r->envelope_from);
    put_pair(&line, "helo", r->helo);
    put_pair(&line, "identity", slice_of(r->identity));
    put_pair(&line, "mechanism", r->mechanism);
    put_pair(&line, "problem", r->problem);
    put_pair(&line, "receiver", r->receiver);
    buf_release(&line.piece);
}
