/* conf_text: see conf_text.h. */
#include "base/config/conf_text.h"

enum { REPORTS_MAX = 20 };

static unsigned byte_at(struct slice s, size_t i)
{
    return i < s.len ? (unsigned char)s.ptr[i] : 0;
}

static bool continues(struct slice s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if ((byte_at(s, i) & 0xc0u) != 0x80u)
            return false;
    return true;
}

size_t conf_text_utf8(struct slice text)
{
    unsigned a = byte_at(text, 0), b = byte_at(text, 1);
    if (text.len == 0)
        return 0;
    if (a < 0x80)
        return 1;
    if (a >= 0xc2 && a <= 0xdf)
        return continues(text, 1, 2) ? 2 : 0;
    if ((a & 0xf0u) == 0xe0u) {
        bool overlong = a == 0xe0 && b < 0xa0, surrogate = a == 0xed && b > 0x9f;
        return !overlong && !surrogate && continues(text, 1, 3) ? 3 : 0;
    }
    if (a >= 0xf0 && a <= 0xf4) {
        bool overlong = a == 0xf0 && b < 0x90, beyond = a == 0xf4 && b > 0x8f;
        return !overlong && !beyond && continues(text, 1, 4) ? 4 : 0;
    }
    return 0;
}

/** A control character of n bytes at the start of text: C0, DEL, or C1 (two bytes in UTF-8). */
static bool is_control(struct slice text, size_t n)
{
    unsigned a = byte_at(text, 0);
    return n == 1 ? a < 0x20 || a == 0x7f : n == 2 && a == 0xc2 && byte_at(text, 1) < 0xa0;
}

void conf_text_show(struct buf *out, struct slice text, size_t max)
{
    bool cut = text.len > max;
    struct slice rest = slice_first(text, max);
    while (rest.len) {
        size_t n = conf_text_utf8(rest);
        if (n && !is_control(rest, n)) {
            buf_add(out, slice_first(rest, n));
        } else {
            n = n ? n : 1;
            for (size_t i = 0; i < n; i++)
                buf_add_format(out, "\\x%02x", byte_at(rest, i));
        }
        rest = slice_skip(rest, n);
    }
    if (cut)
        buf_add_text(out, "...");
}

bool conf_text_has_control(struct slice text)
{
    while (text.len) {
        size_t n = conf_text_utf8(text);
        if (n && is_control(text, n))
            return true;
        text = slice_skip(text, n ? n : 1);
    }
    return false;
}

struct place {
    unsigned line, column;
    const char *file;
    struct conf_errors *errors;
    unsigned reports;
};

/** Notes what is wrong with the character of n bytes (0: no character) at the start of text. */
static void check_character(struct slice text, size_t n, struct place *p)
{
    if (n == 0)
        conf_error_in(p->errors, p->file, p->line, p->column, "byte 0x%02x is not valid UTF-8", byte_at(text, 0));
    else if (byte_at(text, 0) == '\t')
        conf_error_in(p->errors, p->file, p->line, p->column, "a tab; use spaces (inside a text in double quotes write \\t)");
    else if (byte_at(text, 0) != '\r' && is_control(text, n))
        conf_error_in(p->errors, p->file, p->line, p->column, "control character 0x%02x may not stand in a configuration",
                      byte_at(text, n - 1));
    else
        return;
    p->reports++;
}

bool conf_text_check(struct slice text, const char *file, struct conf_errors *errors)
{
    struct place p = {.line = 1, .column = 1, .file = file, .errors = errors};
    while (text.len && p.reports < REPORTS_MAX) {
        size_t n = conf_text_utf8(text);
        if (text.ptr[0] == '\n') {
            p.line++;
            p.column = 1;
        } else {
            check_character(text, n, &p);
            p.column++;
        }
        text = slice_skip(text, n ? n : 1);
    }
    return p.reports == 0;
}
