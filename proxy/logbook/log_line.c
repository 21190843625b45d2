/* log_line: see log_line.h. Here: logfmt. */
#include "proxy/logbook/log_line.h"

struct scan {
    struct slice rest;
    struct arena *arena;
    struct log_pair *pairs;
    size_t count;
    bool cut;
};

/* ---- values ---- */

static int hex_digit(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n digits after the two bytes that begin an escape; -1: they are not there. */
static int32_t read_hex(struct slice s, size_t n)
{
    int32_t value = 0;
    if (s.len < n + 2)
        return -1;
    for (size_t i = 2; i < n + 2; i++) {
        int digit = hex_digit(s.ptr[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* RFC 3629 §3, for the characters of the basic plane. */
static size_t write_utf8(char *out, int32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

/* One escape at the start of s. Returns its length, 0 if it is none; adds to *len what it stands for. */
static size_t read_escape(struct slice s, char *out, size_t *len)
{
    static const char from[] = "\"\\nrt", to[] = "\"\\\n\r\t";
    char kind = s.len > 1 ? s.ptr[1] : '\0';
    const char *simple = kind ? strchr(from, kind) : NULL;
    if (simple) {
        out[(*len)++] = to[simple - from];
        return 2;
    }
    size_t digits = kind == 'u' ? 4 : kind == 'x' ? 2 : 0;
    int32_t value = digits ? read_hex(s, digits) : -1;
    if (value < 0 || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    if (digits == 2)
        out[(*len)++] = (char)value;
    else
        *len += write_utf8(out + *len, value);
    return digits + 2;
}

/* The bytes inside quotes. False: an escape that we never write. */
static bool unescape(struct slice s, struct arena *arena, struct slice *value)
{
    if (slice_index(s, '\\') < 0) {
        *value = s;
        return true;
    }
    char *out = arena_alloc(arena, s.len + 1); /* no escape stands for more bytes than it has */
    size_t len = 0;
    while (s.len) {
        size_t used = 1;
        if (s.ptr[0] == '\\')
            used = read_escape(s, out, &len);
        else
            out[len++] = s.ptr[0];
        if (used == 0)
            return false;
        s = slice_skip(s, used);
    }
    *value = slice_make(out, len);
    return true;
}

/* Where the closing quote stands; the length if it is missing. */
static size_t find_quote(struct slice s)
{
    size_t i = 0;
    while (i < s.len && s.ptr[i] != '"')
        i += s.ptr[i] == '\\' && i + 1 < s.len ? 2 : 1;
    return i;
}

static bool read_quoted(struct scan *s, struct slice *value)
{
    s->rest = slice_skip(s->rest, 1);
    size_t end = find_quote(s->rest);
    struct slice inside = slice_first(s->rest, end);
    s->cut = end == s->rest.len;
    s->rest = slice_skip(s->rest, end + 1);
    return unescape(inside, s->arena, value) && (s->rest.len == 0 || s->rest.ptr[0] == ' ');
}

static bool read_value(struct scan *s, struct slice *value)
{
    if (s->rest.len && s->rest.ptr[0] == '"')
        return read_quoted(s, value);
    ptrdiff_t end = slice_index(s->rest, ' ');
    *value = end < 0 ? s->rest : slice_first(s->rest, (size_t)end);
    s->rest = slice_skip(s->rest, value->len);
    return true;
}

/* ---- lines ---- */

/* A value that was cut off with the line is left out. */
static bool read_pair(struct scan *s)
{
    struct log_pair pair;
    ptrdiff_t equals = slice_index(s->rest, '=');
    if (equals < 1 || s->count == LOG_LINE_PAIRS)
        return false;
    pair.key = slice_first(s->rest, (size_t)equals);
    if (slice_index(pair.key, ' ') >= 0)
        return false;
    s->rest = slice_skip(s->rest, (size_t)equals + 1);
    if (!read_value(s, &pair.value))
        return s->cut;
    if (!s->cut)
        s->pairs[s->count++] = pair;
    s->rest = slice_skip(s->rest, 1);
    return true;
}

/* Where our part begins; -1: there is none. */
static ptrdiff_t find_start(struct slice line, struct slice mark)
{
    for (size_t i = 0; i + mark.len <= line.len; i++)
        if ((i == 0 || line.ptr[i - 1] == ' ') && slice_starts(slice_skip(line, i), mark))
            return (ptrdiff_t)i;
    return -1;
}

static bool parse_logfmt(struct slice line, struct arena *arena, struct log_line *out)
{
    struct scan s = {.rest = line, .arena = arena, .pairs = arena_alloc(arena, LOG_LINE_PAIRS * sizeof *s.pairs)};
    while (s.rest.len)
        if (!read_pair(&s))
            return false;
    *out = (struct log_line){s.pairs, s.count, s.cut};
    return true;
}

bool log_line_parse(struct slice line, struct arena *arena, struct log_line *out)
{
    *out = (struct log_line){0};
    line = slice_trim(line);
    if (line.len > LOG_LINE_MAX)
        return false;
    ptrdiff_t logfmt = find_start(line, SLICE("time=")), json = find_start(line, SLICE("{\""));
    if (json >= 0 && (logfmt < 0 || json < logfmt)) {
        if (!log_line_parse_json(slice_skip(line, (size_t)json), arena, out))
            return false;
    } else if (logfmt < 0 || !parse_logfmt(slice_skip(line, (size_t)logfmt), arena, out))
        return false;
    out->cut |= log_line_is(out, "truncated", "yes");
    return log_line_get(out, "event").ptr != NULL;
}

struct slice log_line_get(const struct log_line *line, const char *key)
{
    for (size_t i = 0; i < line->count; i++)
        if (slice_eq(line->pairs[i].key, slice_of(key)))
            return line->pairs[i].value;
    return slice_make(NULL, 0);
}

bool log_line_is(const struct log_line *line, const char *key, const char *value)
{
    struct slice found = log_line_get(line, key);
    return found.ptr && slice_eq(found, slice_of(value));
}

int64_t log_line_number(const struct log_line *line, const char *key)
{
    uint64_t n;
    return slice_to_u64(log_line_get(line, key), &n) && n <= INT64_MAX ? (int64_t)n : 0;
}
