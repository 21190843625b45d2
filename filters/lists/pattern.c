/* pattern: see pattern.h. */
#include "filters/lists/pattern.h"

#include "base/cidr_set.h"
#include "filters/mailbox_fold.h"

enum { DOMAIN_MAX = 253, LABEL_MAX = 63, TEXT_MAX = 1000 };

static bool is_label(struct slice label)
{
    if (label.len == 0 || label.len > LABEL_MAX)
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!ascii_is_alnum(label.ptr[i]) && label.ptr[i] != '-' && label.ptr[i] != '_')
            return false;
    return true;
}

static bool is_domain(struct slice text)
{
    struct slice label;
    if (text.len == 0 || text.len > DOMAIN_MAX)
        return false;
    while (slice_split(&text, '.', &label))
        if (!is_label(label))
            return false;
    return true;
}

/** "[192.0.2.1]" or "[IPv6:2001:db8::1]", as it stands in a mailbox (RFC 5321 §4.1.3). */
static bool is_address_literal(struct slice text)
{
    struct net_addr ignored;
    if (text.len < 3 || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']')
        return false;
    text = slice_make(text.ptr + 1, text.len - 2);
    if (slice_starts_nocase(text, SLICE("IPv6:")))
        text = slice_skip(text, 5);
    return net_addr_parse_ip(text, &ignored);
}

static bool is_clean(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return false;
    return true;
}

static bool has_eight_bit(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] > 0x7f)
            return true;
    return false;
}

static bool all_in(struct slice text, const char *set)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(set, text.ptr[i]))
            return false;
    return true;
}

/** Something that was meant as an address or a network: it is refused rather than taken for a text that matches nothing. */
static bool looks_like_network(struct slice text)
{
    if (all_in(text, "0123456789.") && slice_index(text, '.') >= 0)
        return true;
    return all_in(text, "0123456789abcdefABCDEF.:/") && (slice_index(text, '/') >= 0 || slice_index(text, ':') >= 0);
}

/** The bytes before the last two labels; 0 if there are no more. */
static size_t before_last_two(struct slice domain)
{
    ptrdiff_t dot = slice_last_index(domain, '.');
    dot = dot > 0 ? slice_last_index(slice_first(domain, (size_t)dot), '.') : 0;
    return dot > 0 ? (size_t)dot : 0;
}

/** A domain with stars in its labels but the last two: "*example.com" would cover bad-example.com, and "example.*" whatever anybody
 *  registers. */
static bool is_domain_glob(struct slice text)
{
    struct slice label, rest = text;
    ptrdiff_t star = slice_last_index(text, '*');
    if (text.len > DOMAIN_MAX || star < 0 || (size_t)star >= before_last_two(text))
        return false;
    while (slice_split(&rest, '.', &label)) {
        for (size_t i = 0; i < label.len; i++)
            if (!ascii_is_alnum(label.ptr[i]) && !strchr("-_*", label.ptr[i]))
                return false;
        if (label.len == 0)
            return false;
    }
    return true;
}

static const char *parse_domain(struct slice text, struct pattern *out)
{
    out->kind = PATTERN_DOMAIN;
    out->covers = PATTERN_SELF;
    out->key = text;
    if (is_domain_glob(text) && slice_last_index(text, '*') > (slice_starts(text, SLICE("*.")) ? 0 : -1)) {
        out->covers = PATTERN_GLOB;
        return NULL;
    }
    if (slice_starts(text, SLICE("*.")))
        out->covers = PATTERN_BELOW;
    else if (slice_starts(text, SLICE(".")))
        out->covers = PATTERN_SELF | PATTERN_BELOW;
    text = slice_skip(text, out->covers == PATTERN_BELOW ? 2 : out->covers == PATTERN_SELF ? 0 : 1);
    if (text.len > 1 && text.ptr[text.len - 1] == '.')
        text.len--;
    out->key = text;
    if (is_domain(text) || (out->covers == PATTERN_SELF && is_address_literal(text)))
        return NULL;
    return has_eight_bit(text) ? "an international domain must be written in its ASCII form (xn--...)" : "not a domain name";
}

static const char *parse_mailbox(struct slice text, size_t at, struct arena *arena, struct pattern *out)
{
    struct slice local = slice_first(text, at);
    const char *error = parse_domain(slice_skip(text, at + 1), out);
    if (error)
        return error;
    if (slice_empty(local) || slice_eq(local, SLICE("*")))
        return NULL;
    if (out->covers != PATTERN_SELF)
        return "a mailbox has no pattern in its domain; write the domain pattern alone";
    if (slice_index(local, '*') >= 0 && local.ptr[0] != '"')
        return "\"*\" may only stand for a whole local part";
    out->kind = PATTERN_MAILBOX;
    char folded[MAILBOX_FOLD_MAX];
    out->key = arena_copy(arena, mailbox_fold(text, folded));
    return NULL;
}

static const char *parse_other(struct slice text, struct pattern *out)
{
    if (!parse_domain(text, out))
        return NULL;
    if (slice_starts(text, SLICE("*.")) || (slice_index(text, '*') >= 0 && slice_index(text, ' ') < 0))
        return "\"*\" may only stand before the last two labels of a domain, as in *.example.com or mail*.example.com";
    if (looks_like_network(text))
        return "not an address or network";
    *out = (struct pattern){.kind = PATTERN_TEXT, .covers = PATTERN_SELF, .key = text};
    return NULL;
}

const char *pattern_parse(struct slice text, struct arena *arena, struct pattern *out)
{
    *out = (struct pattern){.kind = PATTERN_NETWORK};
    if (slice_empty(text))
        return "empty";
    if (text.len > TEXT_MAX || !is_clean(text))
        return "too long, or with control characters";
    if (cidr_parse(text, &out->addr, &out->bits))
        return NULL;
    if (slice_eq(text, SLICE("<>"))) {
        *out = (struct pattern){.kind = PATTERN_MAILBOX, .covers = PATTERN_SELF, .key = SLICE("")};
        return NULL;
    }
    if (looks_like_network(text))
        return "not an address or network";
    ptrdiff_t at = slice_last_index(text, '@');
    if (at >= 0 && slice_index(text, ' ') < 0)
        return parse_mailbox(text, (size_t)at, arena, out);
    return parse_other(text, out);
}

bool pattern_glob_matches(struct slice glob, struct slice text)
{
    size_t g = 0, t = 0, star = SIZE_MAX, mark = 0; /* the last star tried, and where its run ended then */
    while (t < text.len) {
        if (g < glob.len && glob.ptr[g] == '*') {
            star = g++;
            mark = t;
        } else if (g < glob.len && ascii_lower(glob.ptr[g]) == ascii_lower(text.ptr[t])) {
            g++;
            t++;
        } else if (star != SIZE_MAX) {
            g = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (g < glob.len && glob.ptr[g] == '*')
        g++;
    return g == glob.len;
}

bool pattern_matches_text(const struct pattern *p, struct slice value)
{
    if (p->covers & PATTERN_GLOB)
        return pattern_glob_matches(p->key, value);
    if ((p->covers & PATTERN_SELF) && slice_eq_nocase(p->key, value))
        return true;
    return (p->covers & PATTERN_BELOW) && value.len > p->key.len + 1 && value.ptr[value.len - p->key.len - 1] == '.' &&
           slice_ends_nocase(value, p->key);
}

bool pattern_matches_mailbox(const struct pattern *p, struct slice mailbox)
{
    if (p->kind == PATTERN_DOMAIN)
        return pattern_matches_text(p, mailbox_domain(mailbox));
    if (mailbox.len == 0 || mailbox.ptr[0] != '"')
        return slice_eq_nocase(p->key, mailbox);
    char folded[MAILBOX_FOLD_MAX];
    return slice_eq(p->key, mailbox_fold(mailbox, folded));
}

bool pattern_matches_address(const struct pattern *p, const struct net_addr *addr)
{
    if (addr->family != p->addr.family)
        return false;
    struct net_addr masked = *addr;
    net_addr_mask(&masked, p->bits);
    return memcmp(masked.bytes, p->addr.bytes, net_addr_bits(addr) / 8) == 0;
}
