/* dns_zone: see dns_zone.h. */
#include "base/dns/dns_zone.h"

#include "base/dns/dns_name.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/** The line up to its comment. False: a quoted string does not end. */
static bool cut_comment(struct slice *line)
{
    bool quoted = false;
    for (size_t i = 0; i < line->len; i++) {
        char c = line->ptr[i];
        if (c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == ';' && !quoted) {
            line->len = i;
            break;
        }
    }
    return !quoted;
}

static struct slice take_word(struct slice *rest)
{
    size_t n = 0;
    *rest = slice_trim(*rest);
    while (n < rest->len && !is_blank(rest->ptr[n]))
        n++;
    struct slice word = slice_first(*rest, n);
    *rest = slice_trim(slice_skip(*rest, n));
    return word;
}

static bool is_known_type(struct slice word)
{
    static const char *const types[] = {"A", "AAAA", "CNAME", "MX", "TXT", "PTR", "NS", "SOA", "SRV", "CAA", "TLSA"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (slice_eq_nocase(word, slice_of(types[i])))
            return true;
    return false;
}

static bool is_printable(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.ptr[i] < 0x20 && line.ptr[i] != '\t')
            return false;
    return true;
}

static const char *check_form(struct slice line)
{
    if (line.len > DNS_ZONE_LINE_MAX)
        return "the line is too long";
    if (!is_printable(line))
        return "the line holds a control character";
    if (line.len && is_blank(line.ptr[0]))
        return "the line does not begin with a name";
    if (line.len && line.ptr[0] == '$')
        return "directives are not known here";
    return NULL;
}

static const char *read_record(struct slice line, struct buf *record)
{
    struct slice name = take_word(&line);
    struct slice word = take_word(&line);
    uint64_t ttl = 3600;
    if (slice_to_u64(word, &ttl))
        word = take_word(&line);
    if (slice_eq_nocase(word, SLICE("IN")))
        word = take_word(&line);
    char owner[DNS_NAME_TEXT];
    if (!dns_name_escape(name, owner))
        return "the name is no legal DNS name";
    if (ttl > INT32_MAX)
        return "the time to live is too long";
    if (!is_known_type(word))
        return "the record type is unknown";
    if (slice_empty(line))
        return "the record has no data";
    buf_add_format(record, "%s. %u IN %.*s ", owner, (unsigned)ttl, SLICE_FMT(word));
    buf_add(record, line);
    return NULL;
}

enum dns_zone_line dns_zone_read_line(struct slice line, struct buf *record, const char **why)
{
    buf_clear(record);
    while (line.len && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\n'))
        line.len--;
    if (!cut_comment(&line)) {
        *why = "a quoted text does not end";
        return DNS_ZONE_BAD;
    }
    if (slice_empty(slice_trim(line)))
        return DNS_ZONE_BLANK;
    *why = check_form(line);
    if (!*why)
        *why = read_record(line, record);
    return *why ? DNS_ZONE_BAD : DNS_ZONE_RECORD;
}
