/* spf_record: see spf_record.h. */
#include "filters/spf/spf_record.h"

#include "filters/spf/spf_macro.h"

#include <arpa/inet.h>

struct parser {
    struct arena *arena;
    struct spf_record *record;
    const struct spf_term **last;
};

/* What stands behind the name of a mechanism: ":domain-spec" and prefix lengths. */
struct arguments {
    struct slice value; /* behind the colon, prefix lengths removed */
    bool has_value;
    bool has4, has6;
    unsigned prefix4, prefix6;
};

static bool is_version(struct slice text)
{
    return slice_starts_nocase(text, SLICE("v=spf1")) && (text.len == 6 || text.ptr[6] == ' ');
}

size_t spf_record_select(const struct dns_answer *txt, struct slice *text)
{
    size_t found = 0;
    *text = SLICE("");
    for (size_t i = 0; i < txt->count; i++)
        if (is_version(txt->records[i].data) && found++ == 0)
            *text = txt->records[i].data;
    return found;
}

/* Decimal without leading zeros, at most max. */
static bool parse_prefix(struct slice digits, unsigned max, unsigned *prefix)
{
    uint64_t value;
    if (digits.len > 3 || (digits.len > 1 && digits.ptr[0] == '0') || !slice_to_u64(digits, &value) || value > max)
        return false;
    *prefix = (unsigned)value;
    return true;
}

/* Cuts "/digits" off the end of *s, if it ends so. */
static bool cut_digits(struct slice *s, struct slice *digits)
{
    size_t n = 0;
    while (n < s->len && ascii_is_digit(s->ptr[s->len - 1 - n]))
        n++;
    if (n == s->len || s->ptr[s->len - 1 - n] != '/')
        return false;
    *digits = slice_skip(*s, s->len - n);
    s->len -= n + 1;
    return true;
}

/* dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ] */
static bool cut_dual_prefix(struct slice *s, struct arguments *args)
{
    struct slice digits;
    if (!cut_digits(s, &digits))
        return true;
    if (s->len && s->ptr[s->len - 1] == '/') {
        s->len--;
        args->has6 = true;
        if (!parse_prefix(digits, 128, &args->prefix6))
            return false;
        if (!cut_digits(s, &digits))
            return true;
    }
    args->has4 = true;
    return parse_prefix(digits, 32, &args->prefix4);
}

/* rest: what stands behind the name, such as ":example.com/24". */
static bool parse_arguments(struct slice rest, bool dual_prefix, struct arguments *args)
{
    *args = (struct arguments){.prefix4 = 32, .prefix6 = 128};
    if (dual_prefix && !cut_dual_prefix(&rest, args))
        return false;
    if (rest.len == 0)
        return true;
    if (rest.ptr[0] != ':')
        return false;
    args->has_value = true;
    args->value = slice_skip(rest, 1);
    return true;
}

/* Not net_addr_parse_ip: an IPv4-mapped ip6 network stays IPv6, and so matches no client (§5). */
static bool parse_literal(struct slice text, sa_family_t family, struct net_addr *addr)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.len >= sizeof copy || memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    addr->family = family;
    return inet_pton(family, copy, addr->bytes) == 1;
}

static bool parse_network(struct slice rest, bool six, struct spf_term *term)
{
    struct slice digits;
    if (rest.len < 2 || rest.ptr[0] != ':')
        return false;
    rest = slice_skip(rest, 1);
    if (slice_index(rest, '/') >= 0) {
        if (!cut_digits(&rest, &digits) || !parse_prefix(digits, six ? 128 : 32, six ? &term->prefix6 : &term->prefix4))
            return false;
    }
    return parse_literal(rest, six ? AF_INET6 : AF_INET, &term->network);
}

static bool find_mechanism(struct slice name, enum spf_mechanism *mechanism)
{
    static const char *const names[] = {"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_eq_nocase(name, slice_of(names[i]))) {
            *mechanism = (enum spf_mechanism)i;
            return true;
        }
    return false;
}

/* What each mechanism may and must have (§5). */
static bool fill_term(struct spf_term *term, struct slice rest)
{
    bool addressed = term->mechanism == SPF_A || term->mechanism == SPF_MX;
    bool required = term->mechanism == SPF_INCLUDE || term->mechanism == SPF_EXISTS;
    struct arguments args;
    term->prefix4 = 32;
    term->prefix6 = 128;
    if (term->mechanism == SPF_ALL)
        return rest.len == 0;
    if (term->mechanism == SPF_IP4 || term->mechanism == SPF_IP6)
        return parse_network(rest, term->mechanism == SPF_IP6, term);
    if (!parse_arguments(rest, addressed, &args) || (required && !args.has_value))
        return false;
    term->domain = args.has_value ? args.value : SLICE("");
    term->prefix4 = args.prefix4;
    term->prefix6 = args.prefix6;
    return !args.has_value || spf_macro_is_domain_spec(args.value);
}

static const char *parse_mechanism(struct parser *p, struct slice text)
{
    struct spf_term *term = arena_alloc(p->arena, sizeof *term);
    term->text = text;
    term->qualifier = '+';
    if (text.len && text.ptr[0] && strchr("+-~?", text.ptr[0])) {
        term->qualifier = text.ptr[0];
        text = slice_skip(text, 1);
    }
    size_t n = 0;
    while (n < text.len && ascii_is_alnum(text.ptr[n]))
        n++;
    if (!find_mechanism(slice_first(text, n), &term->mechanism))
        return "unknown mechanism in the record";
    if (!fill_term(term, slice_skip(text, n)))
        return "malformed mechanism in the record";
    *p->last = term;
    p->last = &term->next;
    return NULL;
}

static bool is_modifier_name(struct slice name)
{
    if (name.len == 0 || !ascii_is_alpha(name.ptr[0]))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (!ascii_is_alnum(name.ptr[i]) && name.ptr[i] != '-' && name.ptr[i] != '_' && name.ptr[i] != '.')
            return false;
    return true;
}

static const char *parse_modifier(struct parser *p, struct slice name, struct slice value)
{
    bool redirect = slice_eq_nocase(name, SLICE("redirect")), exp = slice_eq_nocase(name, SLICE("exp"));
    if (!redirect && !exp)
        return spf_macro_is_string(value) ? NULL : "malformed modifier in the record";
    if ((redirect && p->record->has_redirect) || (exp && p->record->has_exp))
        return "modifier given twice in the record";
    if (!spf_macro_is_domain_spec(value))
        return "malformed modifier in the record";
    if (redirect) {
        p->record->has_redirect = true;
        p->record->redirect = value;
    } else {
        p->record->has_exp = true;
        p->record->exp = value;
    }
    return NULL;
}

static const char *parse_term(struct parser *p, struct slice text)
{
    ptrdiff_t equals = slice_index(text, '=');
    if (equals > 0 && is_modifier_name(slice_first(text, (size_t)equals)))
        return parse_modifier(p, slice_first(text, (size_t)equals), slice_skip(text, (size_t)equals + 1));
    return parse_mechanism(p, text);
}

const char *spf_record_parse(struct slice text, struct arena *arena, struct spf_record *record)
{
    struct parser p = {.arena = arena, .record = record};
    struct slice part;
    *record = (struct spf_record){0};
    p.last = &record->terms;
    if (text.len > SPF_RECORD_MAX)
        return "record is too long";
    if (!is_version(text))
        return "not an SPF record";
    text = slice_skip(text, 6);
    while (slice_split(&text, ' ', &part)) {
        const char *error = part.len ? parse_term(&p, part) : NULL;
        if (error)
            return error;
    }
    return NULL;
}
