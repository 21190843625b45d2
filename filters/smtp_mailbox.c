/* smtp_mailbox: see smtp_mailbox.h. */
#include "filters/smtp_mailbox.h"

#include "base/net_addr.h"

/* RFC 5322 §3.2.3. */
static bool is_atext(char c)
{
    return ascii_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_printable(char c)
{
    return c >= 32 && c <= 126;
}

static bool is_graphic(char c)
{
    return c >= 33 && c <= 126;
}

static bool begins_with(struct slice s, char c)
{
    return s.len > 0 && s.ptr[0] == c;
}

static bool label_valid(struct slice label)
{
    if (label.len == 0 || label.len > SMTP_LABEL_MAX || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!ascii_is_alnum(label.ptr[i]) && label.ptr[i] != '-' && label.ptr[i] != '_')
            return false;
    return true;
}

bool smtp_domain_valid(struct slice text)
{
    struct slice label, rest = text;
    if (text.len == 0 || text.len > SMTP_DOMAIN_MAX)
        return false;
    while (slice_split(&rest, '.', &label))
        if (!label_valid(label))
            return false;
    return true;
}

/* "tag:content" of RFC 5321 §4.1.3, for address families yet to come. */
static bool general_literal_valid(struct slice inner)
{
    ptrdiff_t colon = slice_index(inner, ':');
    if (colon <= 0)
        return false;
    struct slice content = slice_skip(inner, (size_t)colon + 1);
    for (size_t i = 0; i < (size_t)colon; i++)
        if (!ascii_is_alnum(inner.ptr[i]) && inner.ptr[i] != '-')
            return false;
    for (size_t i = 0; i < content.len; i++)
        if (!is_graphic(content.ptr[i]) || strchr("[\\]", content.ptr[i]))
            return false;
    return inner.ptr[colon - 1] != '-' && content.len > 0;
}

bool smtp_literal_valid(struct slice text)
{
    struct net_addr address;
    if (text.len < 3 || text.len > SMTP_DOMAIN_MAX || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']')
        return false;
    struct slice inner = slice_make(text.ptr + 1, text.len - 2);
    if (slice_index(inner, ':') < 0)
        return net_addr_parse_ip(inner, &address);
    if (!slice_starts_nocase(inner, SLICE("IPv6:")))
        return general_literal_valid(inner);
    struct slice ip = slice_skip(inner, 5);
    return slice_index(ip, ':') >= 0 && net_addr_parse_ip(ip, &address);
}

/* The bytes behind the first one of a character, or -1; *low: the smallest character that needs so many. */
static int following(unsigned char c, uint32_t *character, uint32_t *low)
{
    static const uint32_t lowest[] = {0, 0x80, 0x800, 0x10000};
    int n = c < 0x80 ? 0 : (c & 0xe0) == 0xc0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 ? 3 : -1;
    if (n < 0)
        return n;
    *character = n ? c & (0x3fu >> n) : c;
    *low = lowest[n];
    return n;
}

static bool is_fit(uint32_t c, uint32_t low)
{
    bool control = c < 32 || (c >= 0x7f && c < 0xa0);
    return c >= low && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff) && !control;
}

bool smtp_utf8_valid(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint32_t character, low;
        int more = following((unsigned char)text.ptr[i], &character, &low);
        if (more < 0 || (size_t)more >= text.len - i)
            return false;
        for (; more > 0; more--) {
            unsigned char next = (unsigned char)text.ptr[++i];
            if ((next & 0xc0) != 0x80)
                return false;
            character = character << 6 | (next & 0x3fu);
        }
        if (!is_fit(character, low))
            return false;
    }
    return true;
}

struct slice smtp_take_domain(struct slice *rest)
{
    size_t n = 0;
    if (begins_with(*rest, '[')) {
        ptrdiff_t end = slice_index(*rest, ']');
        n = end < 0 ? rest->len : (size_t)end + 1;
    } else {
        while (n < rest->len && !strchr(">,:@ <", rest->ptr[n]))
            n++;
    }
    struct slice domain = slice_first(*rest, n);
    *rest = slice_skip(*rest, n);
    return domain;
}

static bool is_other(char c, bool utf8)
{
    return utf8 && (unsigned char)c >= 0x80;
}

static const char *quoted_length(struct slice s, bool utf8, size_t *length)
{
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] == '"') {
            *length = i + 1;
            return NULL;
        }
        if (s.ptr[i] == '\\')
            i++;
        if (i < s.len && !is_printable(s.ptr[i]) && !is_other(s.ptr[i], utf8))
            return "bad character in quoted local part";
    }
    return "quoted local part does not end";
}

static const char *dot_string_length(struct slice s, bool utf8, size_t *length)
{
    size_t n = 0;
    while (n < s.len && (is_atext(s.ptr[n]) || s.ptr[n] == '.' || is_other(s.ptr[n], utf8))) {
        bool edge = n == 0 || s.ptr[n - 1] == '.';
        if (s.ptr[n] == '.' && edge)
            return "misplaced dot in local part";
        n++;
    }
    if (n == 0)
        return "local part is missing";
    if (s.ptr[n - 1] == '.')
        return "misplaced dot in local part";
    *length = n;
    return NULL;
}

const char *smtp_take_local(struct slice *rest, bool utf8, struct slice *local)
{
    size_t length = 0;
    const char *wrong = begins_with(*rest, '"') ? quoted_length(*rest, utf8, &length) : dot_string_length(*rest, utf8, &length);
    if (wrong)
        return wrong;
    if (length > SMTP_LOCAL_PART_MAX)
        return "local part is too long";
    *local = slice_first(*rest, length);
    *rest = slice_skip(*rest, length);
    return NULL;
}

const char *smtp_mailbox_domain_check(struct slice domain)
{
    if (domain.len > SMTP_DOMAIN_MAX)
        return "domain is too long";
    if (begins_with(domain, '['))
        return smtp_literal_valid(domain) ? NULL : "bad address literal";
    return smtp_domain_valid(domain) ? NULL : "bad domain";
}

const char *smtp_mailbox_check(struct slice text)
{
    struct slice local, rest = text;
    const char *wrong = smtp_take_local(&rest, false, &local);
    if (wrong)
        return wrong;
    if (!begins_with(rest, '@'))
        return slice_empty(rest) ? "domain is missing" : "bad character in local part";
    wrong = smtp_mailbox_domain_check(slice_skip(rest, 1));
    if (wrong)
        return wrong;
    return text.len > SMTP_MAILBOX_MAX ? "address is too long" : NULL;
}
