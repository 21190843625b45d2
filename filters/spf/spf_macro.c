/* spf_macro: see spf_macro.h. One scanner finds the parts; checking and expanding are two uses of it. */
#include "filters/spf/spf_macro.h"

#include "base/buf.h"
#include "filters/domain_name.h"
#include "filters/spf/spf_names.h"

#include <inttypes.h>

/* Of an expansion only the end can become a name (§7.3): beyond MAX bytes all but the last KEPT are dropped. */
enum { EXPANSION_MAX = 4096, EXPANSION_KEPT = 512 };

/* Where the macro string stands. */
enum place {
    IN_DOMAIN,   /* domain-spec */
    IN_MODIFIER, /* unknown modifier: any letter */
    IN_TEXT,     /* explanation: any letter, and blanks */
};

enum { ESCAPED_BLANK = 1 }; /* "%-", written as "%20" */

struct part {
    bool is_macro;
    char literal;  /* if it is no macro */
    bool escape;   /* upper-case letter: URL-escape */
    char letter;   /* lower case */
    unsigned keep; /* labels to keep from the right; 0: all */
    bool reverse;
    struct slice delimiters;
};

static bool scan_transformers(struct slice *s, struct part *part)
{
    size_t n = 0;
    uint64_t keep = 0;
    while (n < s->len && ascii_is_digit(s->ptr[n]))
        n++;
    if (n && (!slice_to_u64(slice_first(*s, n), &keep) || keep == 0))
        return false;
    part->keep = keep > 128 ? 128 : (unsigned)keep;
    *s = slice_skip(*s, n);
    if (s->len && (s->ptr[0] == 'r' || s->ptr[0] == 'R')) {
        part->reverse = true;
        *s = slice_skip(*s, 1);
    }
    return true;
}

/* "%{" letter transformers *delimiter "}"; *s stands behind the brace. */
static bool scan_macro(struct slice *s, enum place place, struct part *part)
{
    ptrdiff_t close = slice_index(*s, '}');
    if (close < 1)
        return false;
    struct slice inside = slice_first(*s, (size_t)close);
    *s = slice_skip(*s, (size_t)close + 1);
    part->is_macro = true;
    part->letter = ascii_lower(inside.ptr[0]);
    part->escape = part->letter != inside.ptr[0];
    inside = slice_skip(inside, 1);
    if (!part->letter || !strchr(place == IN_DOMAIN ? "slodiphv" : "slodiphvcrt", part->letter) || !scan_transformers(&inside, part))
        return false;
    for (size_t i = 0; i < inside.len; i++)
        if (inside.ptr[i] == '\0' || !strchr(".-+,/_=", inside.ptr[i]))
            return false;
    part->delimiters = inside.len ? inside : SLICE(".");
    return true;
}

/* Takes the next part off *s. False: malformed. */
static bool scan_part(struct slice *s, enum place place, struct part *part)
{
    *part = (struct part){.literal = s->ptr[0]};
    if (s->ptr[0] > '~' || s->ptr[0] < (place == IN_TEXT ? ' ' : '!'))
        return false;
    *s = slice_skip(*s, 1);
    if (part->literal != '%')
        return true;
    if (s->len == 0)
        return false;
    char c = s->ptr[0];
    *s = slice_skip(*s, 1);
    if (c == '{')
        return scan_macro(s, place, part);
    part->literal = c == '_' ? ' ' : c == '-' ? ESCAPED_BLANK : c;
    return c == '%' || c == '_' || c == '-';
}

bool spf_macro_is_string(struct slice text)
{
    struct part part;
    while (text.len)
        if (!scan_part(&text, IN_MODIFIER, &part))
            return false;
    return true;
}

/* toplabel (§7.1): letters, digits and hyphens, not only digits, no hyphen at either end. */
static bool is_top_label(struct slice label)
{
    bool only_digits = true;
    for (size_t i = 0; i < label.len; i++) {
        if (!ascii_is_alnum(label.ptr[i]) && label.ptr[i] != '-')
            return false;
        only_digits = only_digits && ascii_is_digit(label.ptr[i]);
    }
    return label.len && !only_digits && label.ptr[0] != '-' && label.ptr[label.len - 1] != '-';
}

bool spf_macro_is_domain_spec(struct slice text)
{
    struct slice rest = text;
    struct part part = {0};
    if (text.len == 0)
        return false;
    while (rest.len)
        if (!scan_part(&rest, IN_DOMAIN, &part))
            return false;
    if (part.is_macro)
        return true;
    if (text.len > 1 && text.ptr[text.len - 2] == '%') /* ends in %%, %_ or %- */
        return false;
    if (text.ptr[text.len - 1] == '.')
        text.len--;
    ptrdiff_t dot = slice_last_index(text, '.');
    return dot >= 0 && is_top_label(slice_skip(text, (size_t)dot + 1));
}

static struct slice address_text(const struct net_addr *addr, struct arena *arena)
{
    char text[NET_ADDR_TEXT];
    if (addr->family == AF_INET)
        return arena_copy(arena, slice_of(net_addr_format_ip(addr, text)));
    for (size_t i = 0; i < 32; i++) {
        text[2 * i] = "0123456789abcdef"[i % 2 ? addr->bytes[i / 2] & 15 : addr->bytes[i / 2] >> 4];
        text[2 * i + 1] = '.';
    }
    return arena_copy(arena, slice_make(text, 63));
}

/** One macro string under way. */
struct expansion {
    const struct spf_query *query;
    struct slice domain; /* the current one */
    struct dns_view *view;
    struct arena *arena;
    struct slice client_name; /* once it is known: it costs a look at 20 answers, and a hostile string asks for it 2,000 times */
    struct buf out;
};

static struct slice client_name(struct expansion *e)
{
    if (!e->client_name.ptr)
        e->client_name = spf_names_of_client(e->query, e->domain, e->view, e->arena);
    return e->client_name;
}

static struct slice macro_value(struct expansion *e, char letter)
{
    const struct spf_query *query = e->query;
    struct arena *arena = e->arena;
    char text[NET_ADDR_TEXT];
    switch (letter) {
    case 's':
        return slice_of(arena_format(arena, "%.*s@%.*s", SLICE_FMT(query->local), SLICE_FMT(query->domain)));
    case 'l':
        return query->local;
    case 'o':
        return query->domain;
    case 'd':
        return e->domain;
    case 'i':
        return address_text(&query->client, arena);
    case 'p':
        return client_name(e);
    case 'h':
        return query->helo;
    case 'c':
        return arena_copy(arena, slice_of(net_addr_format_ip(&query->client, text)));
    case 'r':
        return query->receiver.len ? query->receiver : SLICE("unknown");
    case 't':
        return slice_of(arena_format(arena, "%" PRId64, query->now));
    default:
        return query->client.family == AF_INET6 ? SLICE("ip6") : SLICE("in-addr");
    }
}

enum { PIECES_MAX = 256 };

/* Splits at the delimiters, reverses, keeps the rightmost, joins with dots. */
static struct slice transform(struct slice value, const struct part *part, struct arena *arena)
{
    struct slice pieces[PIECES_MAX];
    struct buf joined = {0};
    size_t count = 1, from;
    pieces[0] = slice_first(value, 0);
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] && memchr(part->delimiters.ptr, value.ptr[i], part->delimiters.len) && count < PIECES_MAX)
            pieces[count++] = slice_make(value.ptr + i + 1, 0);
        else
            pieces[count - 1].len++;
    }
    from = part->keep && part->keep < count ? count - part->keep : 0;
    for (size_t i = from; i < count; i++) {
        if (i > from)
            buf_add_byte(&joined, '.');
        buf_add(&joined, pieces[part->reverse ? count - 1 - i : i]);
    }
    struct slice out = arena_copy(arena, buf_slice(&joined));
    buf_release(&joined);
    return out;
}

static void add_escaped(struct buf *out, struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (ascii_is_alnum(c) || (c && strchr("-._~", c)))
            buf_add_byte(out, c);
        else
            buf_add_format(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static bool is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

static struct slice cut_to_name(struct slice name)
{
    if (name.len && name.ptr[name.len - 1] == '.')
        name.len--;
    while (name.len > DOMAIN_NAME_MAX) {
        ptrdiff_t dot = slice_index(name, '.');
        if (dot < 0)
            break;
        name = slice_skip(name, (size_t)dot + 1);
    }
    return name;
}

static void expand_part(struct expansion *e, const struct part *part)
{
    if (!part->is_macro) {
        buf_add(&e->out, part->literal == ESCAPED_BLANK ? SLICE("%20") : slice_make(&part->literal, 1));
        return;
    }
    struct slice value = transform(macro_value(e, part->letter), part, e->arena);
    if (part->escape)
        add_escaped(&e->out, value);
    else
        buf_add(&e->out, value);
}

static void keep_end(struct buf *b)
{
    if (b->len <= EXPANSION_MAX)
        return;
    memmove(b->ptr, b->ptr + b->len - EXPANSION_KEPT, EXPANSION_KEPT);
    b->len = EXPANSION_KEPT;
}

static bool needs_local(const struct part *part)
{
    return part->is_macro && (part->letter == 's' || part->letter == 'l');
}

bool spf_macro_expand(struct slice spec, const struct spf_query *query, struct slice domain, struct dns_view *view, struct arena *arena,
                      struct slice *out)
{
    struct expansion e = {.query = query, .domain = domain, .view = view, .arena = arena};
    struct part part;
    bool matchable = true;
    if (slice_index(spec, '%') < 0) {
        *out = cut_to_name(spec);
        return true;
    }
    while (spec.len && scan_part(&spec, IN_DOMAIN, &part)) {
        matchable = matchable && (!needs_local(&part) || is_ascii(query->local));
        expand_part(&e, &part);
        keep_end(&e.out);
    }
    *out = cut_to_name(arena_copy(arena, buf_slice(&e.out)));
    buf_release(&e.out);
    return matchable;
}

bool spf_macro_explain(struct slice text, const struct spf_query *query, struct slice domain, struct dns_view *view, struct arena *arena,
                       struct slice *out)
{
    struct expansion e = {.query = query, .domain = domain, .view = view, .arena = arena};
    struct part part;
    bool valid = true;
    while (text.len && (valid = scan_part(&text, IN_TEXT, &part)))
        if (e.out.len < SPF_EXPLANATION_MAX)
            expand_part(&e, &part);
    *out = arena_copy(arena, slice_first(buf_slice(&e.out), SPF_EXPLANATION_MAX));
    buf_release(&e.out);
    return valid;
}
