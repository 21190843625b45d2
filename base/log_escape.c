/* log_escape: see log_escape.h. */
#include "base/log_escape.h"

#include <stdio.h>

enum { ESCAPE_MAX = 8 }; /* bytes of the longest escape with its NUL: \\xff */

/** Length of the UTF-8 sequence at the start of s (RFC 3629 §4) and its character; 0: none. */
static size_t read_utf8(struct slice s, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t n = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
    if (n == 0 || n > s.len)
        return 0;
    uint32_t c = p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *character = c;
    return n;
}

static bool is_deceptive(uint32_t c)
{
    return (c >= 0x80 && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

/** Printable ASCII that needs no escape inside quotes. */
static bool is_clean(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static bool is_plain(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (!is_clean(value.ptr[i]) || value.ptr[i] == ' ' || value.ptr[i] == '=')
            return false;
    return value.len > 0;
}

static size_t escape_ascii(char c, char escape[ESCAPE_MAX])
{
    static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";
    const char *at = c ? strchr(from, c) : NULL;
    if (!at)
        return (size_t)snprintf(escape, ESCAPE_MAX, "\\u%04x", (unsigned)c);
    escape[0] = '\\';
    escape[1] = to[at - from];
    return 2;
}

/** The next piece of value as it is shown; removes it from *value. The result is valid until escape is reused. */
static struct slice next_piece(struct slice *value, enum log_format format, char escape[ESCAPE_MAX])
{
    size_t clean = 0, len;
    uint32_t character;
    while (clean < value->len && is_clean(value->ptr[clean]))
        clean++;
    struct slice piece = slice_first(*value, clean);
    if (clean > 0) {
        *value = slice_skip(*value, clean);
        return piece;
    }
    unsigned char c = (unsigned char)value->ptr[0];
    size_t used = c < 0x80 ? 1 : read_utf8(*value, &character);
    piece = slice_first(*value, used);
    *value = slice_skip(*value, used ? used : 1);
    if (c < 0x80)
        len = escape_ascii((char)c, escape);
    else if (used == 0)
        len = (size_t)snprintf(escape, ESCAPE_MAX, format == LOG_FORMAT_JSON ? "\\\\x%02x" : "\\x%02x", c);
    else if (is_deceptive(character))
        len = (size_t)snprintf(escape, ESCAPE_MAX, "\\u%04x", (unsigned)character & 0xffffu);
    else
        return piece;
    return slice_make(escape, len);
}

static bool add_quoted(struct buf *out, enum log_format format, struct slice value, size_t room)
{
    char escape[ESCAPE_MAX];
    if (room < 2)
        return false;
    room -= 2;
    buf_add_byte(out, '"');
    while (value.len) {
        bool whole = is_clean(value.ptr[0]);
        struct slice piece = next_piece(&value, format, escape);
        if (piece.len > room) {
            if (whole)
                buf_add(out, slice_first(piece, room));
            buf_add_byte(out, '"');
            return false;
        }
        buf_add(out, piece);
        room -= piece.len;
    }
    buf_add_byte(out, '"');
    return true;
}

bool log_escape_value(struct buf *out, enum log_format format, struct slice value, size_t room)
{
    if (format == LOG_FORMAT_JSON || !is_plain(value))
        return add_quoted(out, format, value, room);
    buf_add(out, slice_first(value, room));
    return value.len <= room;
}

void log_escape(struct buf *out, struct slice value)
{
    log_escape_value(out, LOG_FORMAT_LOGFMT, value, SIZE_MAX);
}
