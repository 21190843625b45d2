/* smtp_reply: see smtp_reply.h. */
#include "proxy/smtp/smtp_reply.h"

#include "proxy/smtp/sasl.h"

/* What is left of a line that we write, without code, separator and CRLF. */
enum { TEXT_MAX = SMTP_REPLY_LINE_MAX - 6 };

static char printable(char c)
{
    if (c == '\t')
        return ' ';
    return c >= 32 && c <= 126 ? c : '?';
}

static struct slice sanitized(struct arena *arena, struct slice text, size_t most)
{
    text = slice_first(text, most);
    char *copy = arena_string(arena, text);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = printable(copy[i]);
    return slice_make(copy, text.len);
}

void smtp_reply_reader_init(struct smtp_reply_reader *r, struct arena *arena)
{
    *r = (struct smtp_reply_reader){.arena = arena, .line_max = TEXT_MAX};
}

void smtp_reply_reader_widen(struct smtp_reply_reader *r)
{
    r->line_max = SASL_LINE_MAX;
}

/* Reply-code of RFC 5321 §4.2, without the 1yz that SMTP does not use; 0: none. */
static int parse_code(struct slice line)
{
    if (line.len < 3 || line.ptr[0] < '2' || line.ptr[0] > '5' || line.ptr[1] < '0' || line.ptr[1] > '5' || !ascii_is_digit(line.ptr[2]))
        return 0;
    if (line.len > 3 && line.ptr[3] != ' ' && line.ptr[3] != '-')
        return 0;
    return (line.ptr[0] - '0') * 100 + (line.ptr[1] - '0') * 10 + (line.ptr[2] - '0');
}

static void add_line(struct smtp_reply_reader *r, struct slice text)
{
    struct smtp_reply *reply = &r->reply;
    if (reply->count == r->room) {
        r->room = r->room ? r->room * 2 : 2;
        struct slice *lines = arena_alloc(r->arena, r->room * sizeof *lines);
        if (reply->count)
            memcpy(lines, reply->lines, reply->count * sizeof *lines);
        reply->lines = lines;
    }
    reply->lines[reply->count++] = sanitized(r->arena, text, r->line_max);
}

enum smtp_reply_status smtp_reply_feed(struct smtp_reply_reader *r, struct slice line)
{
    int code = parse_code(line);
    bool differs = r->reply.count > 0 && code != r->reply.code;
    size_t accepted = r->line_max > SMTP_REPLY_LINE_ACCEPTED ? r->line_max : SMTP_REPLY_LINE_ACCEPTED;
    if (r->over || code == 0 || differs || line.len > accepted || r->reply.count == SMTP_REPLY_LINES_MAX) {
        r->over = true;
        return SMTP_REPLY_BROKEN;
    }
    r->reply.code = code;
    add_line(r, slice_skip(line, 4));
    r->over = line.len == 3 || line.ptr[3] == ' ';
    return r->over ? SMTP_REPLY_COMPLETE : SMTP_REPLY_MORE;
}

void smtp_reply_format(const struct smtp_reply *reply, struct buf *out)
{
    for (size_t i = 0; i < reply->count; i++) {
        buf_add_format(out, "%03d%c", reply->code, i + 1 < reply->count ? '-' : ' ');
        buf_add(out, reply->lines[i]);
        buf_add_text(out, "\r\n");
    }
}

/* Appends what fits into *room. */
static void add_sanitized(struct buf *out, struct slice text, size_t *room)
{
    text = slice_first(text, *room);
    *room -= text.len;
    char *end = buf_reserve(out, text.len);
    for (size_t i = 0; i < text.len; i++)
        end[i] = printable(text.ptr[i]);
    end[text.len] = '\0';
    out->len += text.len;
}

void smtp_reply_make(struct buf *out, int code, const char *enhanced, struct slice text)
{
    size_t room = TEXT_MAX;
    buf_add_format(out, "%03d ", code);
    if (enhanced) {
        add_sanitized(out, slice_of(enhanced), &room);
        add_sanitized(out, SLICE(" "), &room);
    }
    add_sanitized(out, text, &room);
    buf_add_text(out, "\r\n");
}

/* One to three digits without leading zero. */
static size_t number_length(struct slice s)
{
    size_t n = 0;
    while (n < s.len && ascii_is_digit(s.ptr[n]))
        n++;
    return n > 3 || (n > 1 && s.ptr[0] == '0') ? 0 : n;
}

struct slice smtp_reply_enhanced(struct slice line)
{
    struct slice none = {"", 0};
    if (line.len < 5 || !memchr("245", line.ptr[0], 3) || line.ptr[1] != '.')
        return none;
    size_t subject = number_length(slice_skip(line, 2));
    size_t dot = 2 + subject;
    if (subject == 0 || dot >= line.len || line.ptr[dot] != '.')
        return none;
    size_t detail = number_length(slice_skip(line, dot + 1));
    size_t end = dot + 1 + detail;
    if (detail == 0 || (end < line.len && line.ptr[end] != ' '))
        return none;
    return slice_first(line, end);
}
