/* spf_gate: see spf_gate.h.
 *
 * Names given to the library: "#N" the name of entry N, looked up for a term of its own; "=.host" the host of an MX record;
 * "*.host" the same where the prefix length is 0; "-.host" the name of a PTR record (the library compares its end with the
 * domain of ptr:, the only name that is given to it as it is). Any other name is the client's reverse name. */
#include "filters/spf/spf_gate.h"

#include "base/buf.h"
#include "filters/domain_name.h"
#include "filters/spf/spf_macro.h"
#include "filters/spf/spf_names.h"
#include "filters/spf/spf_record.h"

enum { RECORD_BYTES_MAX = 2048 }; /* longer records never get near the library */
enum { PIECE_BYTES_MAX = 440 /* compiled bytes of one piece; the library's cap is 511 */, TERM_BYTES_MAX = 300 };

struct gate_entry {
    struct slice name;
    const char *piece; /* a further piece of a record, ready to hand out, or NULL */
    bool any_address;  /* its term has a prefix of 0: any address matches */
};

static const struct gate_answer nothing = {.status = GATE_NOTHING};
static const struct gate_answer later = {.status = GATE_LATER};

static size_t add_entry(struct spf_gate *gate, struct gate_entry entry)
{
    if (gate->count == gate->cap) {
        size_t cap = gate->cap ? gate->cap * 2 : 32;
        struct gate_entry *larger = arena_alloc(gate->arena, cap * sizeof *larger);
        if (gate->count)
            memcpy(larger, gate->entries, gate->count * sizeof *larger);
        gate->entries = larger;
        gate->cap = cap;
    }
    gate->entries[gate->count] = entry;
    return gate->count++;
}

void spf_gate_init(struct spf_gate *gate, const struct spf_query *query, struct dns_view *view, struct arena *arena)
{
    *gate = (struct spf_gate){.query = query, .view = view, .arena = arena};
    add_entry(gate, (struct gate_entry){.name = query->domain});
}

/* The first error ends the evaluation: what the library makes of the answers after it no longer counts. */
static struct gate_answer end_with(struct spf_gate *gate, enum spf_result result, const char *reason)
{
    if (!gate->ended)
        gate->verdict = (struct spf_verdict){.result = result, .reason = reason};
    gate->ended = true;
    return result == SPF_IS_TEMPERROR ? later : nothing;
}

/* ---- asking ---- */

/* Legal in DNS, if not as a host name: labels of 1 to 63 bytes, 253 in all. */
static bool is_askable(struct slice name)
{
    struct slice rest = name, label;
    if (name.len == 0 || name.len > DOMAIN_NAME_MAX)
        return false;
    while (slice_split(&rest, '.', &label))
        if (label.len == 0 || label.len > DOMAIN_LABEL_MAX)
            return false;
    return true;
}

/* NULL: missed. */
static const struct dns_answer *ask(struct spf_gate *gate, struct slice name, enum dns_type type)
{
    static const struct dns_answer no_such_name = {.status = DNS_NXDOMAIN};
    return is_askable(name) ? dns_view_find(gate->view, name, type) : &no_such_name;
}

/* Every term that looks up, a redirect too. False: one too many. */
static bool count_term(struct spf_gate *gate)
{
    if (++gate->terms <= SPF_TERMS_MAX)
        return true;
    end_with(gate, SPF_IS_PERMERROR, "more than 10 terms with DNS lookups");
    return false;
}

/* The lookup of one term; NULL: *out is what to return. */
static const struct dns_answer *ask_for_term(struct spf_gate *gate, struct slice name, enum dns_type type, struct gate_answer *out)
{
    *out = nothing;
    if (!count_term(gate) || !is_askable(name))
        return NULL;
    const struct dns_answer *answer = ask(gate, name, type);
    if (!answer) {
        *out = later;
        return NULL;
    }
    if (answer->status == DNS_FAILURE && type != DNS_TYPE_PTR) /* §5.5: an error with PTR is no match */
        *out = end_with(gate, SPF_IS_TEMPERROR, "DNS failure");
    else if (answer->status != DNS_OK && answer->status != DNS_FAILURE && ++gate->voids > SPF_VOIDS_MAX)
        *out = end_with(gate, SPF_IS_PERMERROR, "more than 2 void DNS lookups");
    return answer->status == DNS_OK ? answer : NULL;
}

/* ---- records for the library ---- */

/* The terms of a record as the library will read them. */
struct terms {
    const char **texts;
    size_t count, cap;
};

static void add_text(struct spf_gate *gate, struct terms *terms, const char *text)
{
    if (terms->count == terms->cap) {
        size_t cap = terms->cap ? terms->cap * 2 : 16;
        const char **larger = arena_alloc(gate->arena, cap * sizeof *larger);
        if (terms->count)
            memcpy(larger, terms->texts, terms->count * sizeof *larger);
        terms->texts = larger;
        terms->cap = cap;
    }
    terms->texts[terms->count++] = text;
}

/* The library takes no prefix of 0: two halves do the same. */
static void add_network(struct spf_gate *gate, struct terms *terms, const struct spf_term *term)
{
    char address[NET_ADDR_TEXT];
    bool six = term->mechanism == SPF_IP6;
    if (term->network.family != gate->query->client.family)
        return;
    if ((six ? term->prefix6 : term->prefix4) == 0) {
        add_text(gate, terms, arena_format(gate->arena, six ? "%cip6:::/1" : "%cip4:0.0.0.0/1", term->qualifier));
        add_text(gate, terms, arena_format(gate->arena, six ? "%cip6:8000::/1" : "%cip4:128.0.0.0/1", term->qualifier));
        return;
    }
    add_text(gate, terms,
             arena_format(gate->arena, "%c%s:%s/%u", term->qualifier, six ? "ip6" : "ip4", net_addr_format_ip(&term->network, address),
                          six ? term->prefix6 : term->prefix4));
}

static void add_addressed(struct spf_gate *gate, struct terms *terms, const struct spf_term *term, struct slice name)
{
    bool six = gate->query->client.family == AF_INET6;
    unsigned prefix = six ? term->prefix6 : term->prefix4;
    size_t number = add_entry(gate, (struct gate_entry){.name = name, .any_address = prefix == 0});
    const char *mechanism = term->mechanism == SPF_A ? "a" : "mx";
    if (prefix == 0 || prefix == net_addr_bits(&gate->query->client))
        add_text(gate, terms, arena_format(gate->arena, "%c%s:#%zu", term->qualifier, mechanism, number));
    else
        add_text(gate, terms, arena_format(gate->arena, "%c%s:#%zu%s%u", term->qualifier, mechanism, number, six ? "//" : "/", prefix));
}

static void add_term(struct spf_gate *gate, struct terms *terms, const struct spf_term *term, struct slice domain)
{
    struct slice name = domain;
    if (term->mechanism == SPF_ALL) {
        add_text(gate, terms, arena_format(gate->arena, "%call", term->qualifier));
    } else if (term->mechanism == SPF_IP4 || term->mechanism == SPF_IP6) {
        add_network(gate, terms, term);
    } else if (term->domain.len && !spf_macro_expand(term->domain, gate->query, domain, gate->view, gate->arena, &name)) {
        return; /* cannot match */
    } else if (term->mechanism == SPF_A || term->mechanism == SPF_MX) {
        add_addressed(gate, terms, term, name);
    } else if (term->mechanism == SPF_PTR) {
        const char *below = domain_name_is_valid(name) ? arena_string(gate->arena, name) : "#";
        add_text(gate, terms, arena_format(gate->arena, "%cptr:%s", term->qualifier, below));
    } else {
        size_t number = add_entry(gate, (struct gate_entry){.name = name});
        const char *mechanism = term->mechanism == SPF_INCLUDE ? "include" : "exists";
        add_text(gate, terms, arena_format(gate->arena, "%c%s:#%zu", term->qualifier, mechanism, number));
    }
}

/* Never less than the library's compiled form: header, prefix, address or text rounded up. */
static size_t compiled_size(const char *term)
{
    size_t size = 4 + 4 + 16 + 4 + strlen(term);
    return size < TERM_BYTES_MAX ? size : TERM_BYTES_MAX;
}

/* Cuts the terms into pieces, the last one first, each but the last ending in a redirect to the next. */
static const char *write_record(struct spf_gate *gate, const struct terms *terms, const char *tail)
{
    for (size_t end = terms->count;;) {
        size_t start = end, size = 32;
        while (start > 0 && size + compiled_size(terms->texts[start - 1]) <= PIECE_BYTES_MAX)
            size += compiled_size(terms->texts[--start]);
        struct buf text = {0};
        buf_add_text(&text, "v=spf1");
        for (size_t i = start; i < end; i++)
            buf_add_format(&text, " %s", terms->texts[i]);
        buf_add_text(&text, tail);
        const char *piece = arena_string(gate->arena, buf_slice(&text));
        buf_release(&text);
        if (start == 0)
            return piece;
        size_t number = add_entry(gate, (struct gate_entry){.name = SLICE(""), .piece = piece});
        tail = arena_format(gate->arena, " redirect=#%zu", number);
        end = start;
    }
}

static const char *rewrite_record(struct spf_gate *gate, const struct spf_record *record, struct slice domain)
{
    struct terms terms = {0};
    const char *tail = "";
    bool has_all = false;
    for (const struct spf_term *term = record->terms; term && !has_all; term = term->next) {
        add_term(gate, &terms, term, domain);
        has_all = term->mechanism == SPF_ALL; /* §5.1: what follows, redirect too, is ignored */
    }
    if (record->has_redirect && !has_all) {
        struct slice name;
        if (!spf_macro_expand(record->redirect, gate->query, domain, gate->view, gate->arena, &name))
            name = SLICE(""); /* no such name: permerror */
        tail = arena_format(gate->arena, " redirect=#%zu", add_entry(gate, (struct gate_entry){.name = name}));
    }
    return write_record(gate, &terms, tail);
}

static struct gate_answer one_text(struct spf_gate *gate, const char *text)
{
    const char **texts = arena_alloc(gate->arena, sizeof *texts);
    texts[0] = text;
    return (struct gate_answer){.status = GATE_FOUND, .texts = texts, .count = 1};
}

/* No record: "none" for the domain itself, an error for include and redirect (§5.2, §6.1). */
static struct gate_answer no_record(struct spf_gate *gate, bool first)
{
    return end_with(gate, first ? SPF_IS_NONE : SPF_IS_PERMERROR, first ? "" : "included or redirected domain has no SPF record");
}

static struct gate_answer find_record(struct spf_gate *gate, size_t number)
{
    struct gate_entry entry = gate->entries[number];
    struct slice text;
    struct spf_record record;
    if (entry.piece)
        return one_text(gate, entry.piece);
    if (number != 0 && !count_term(gate))
        return nothing;
    const struct dns_answer *answer = ask(gate, entry.name, DNS_TYPE_TXT);
    if (!answer)
        return later;
    if (answer->status == DNS_FAILURE)
        return end_with(gate, SPF_IS_TEMPERROR, "DNS failure");
    size_t found = spf_record_select(answer, &text);
    if (found == 0)
        return no_record(gate, number == 0);
    if (found > 1)
        return end_with(gate, SPF_IS_PERMERROR, "several SPF records");
    const char *error = text.len > RECORD_BYTES_MAX ? "record is too long" : spf_record_parse(text, gate->arena, &record);
    if (error)
        return end_with(gate, SPF_IS_PERMERROR, error);
    return one_text(gate, rewrite_record(gate, &record, entry.name));
}

/* ---- the other lookups ---- */

static struct gate_answer addresses(struct spf_gate *gate, const struct dns_answer *answer, bool any)
{
    struct gate_answer out = {.status = GATE_FOUND, .addresses = answer->records, .count = answer->count};
    if (any && answer->count) {
        struct dns_record *own = arena_alloc(gate->arena, sizeof *own);
        own->data = slice_make((const char *)gate->query->client.bytes, net_addr_bits(&gate->query->client) / 8);
        out.addresses = own;
        out.count = 1;
    }
    return out;
}

static enum dns_type address_type(const struct spf_gate *gate)
{
    return gate->query->client.family == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
}

/* The names in an answer, marked as what they are. Their addresses are asked for at once, so that they come together. */
static struct gate_answer names(struct spf_gate *gate, const struct dns_answer *answer, const char *mark)
{
    struct gate_answer out = {.status = GATE_FOUND, .texts = arena_alloc(gate->arena, SPF_NAMES_MAX * sizeof(char *))};
    for (size_t i = 0; i < answer->count && i < SPF_NAMES_MAX; i++) {
        struct slice name = answer->records[i].data;
        if (!is_askable(name))
            continue;
        ask(gate, name, address_type(gate));
        out.texts[out.count++] = arena_format(gate->arena, "%s%.*s", mark, SLICE_FMT(name));
    }
    return out;
}

static struct gate_answer find_mx(struct spf_gate *gate, size_t number)
{
    struct gate_answer out;
    const struct dns_answer *answer = ask_for_term(gate, gate->entries[number].name, DNS_TYPE_MX, &out);
    if (!answer)
        return out;
    if (answer->count > SPF_NAMES_MAX)
        return end_with(gate, SPF_IS_PERMERROR, "more than 10 MX records");
    return names(gate, answer, gate->entries[number].any_address ? "*." : "=.");
}

static struct gate_answer find_address(struct spf_gate *gate, size_t number, enum dns_type type)
{
    struct gate_answer out;
    const struct dns_answer *answer = ask_for_term(gate, gate->entries[number].name, type, &out);
    return answer ? addresses(gate, answer, gate->entries[number].any_address) : out;
}

static struct gate_answer find_ptr(struct spf_gate *gate)
{
    struct gate_answer out;
    const struct dns_answer *answer = ask_for_term(gate, spf_reverse_name(&gate->query->client, gate->arena), DNS_TYPE_PTR, &out);
    return answer ? names(gate, answer, "-.") : out;
}

/* The addresses of a host from an MX or PTR record. */
static struct gate_answer find_host(struct spf_gate *gate, const char *name, enum dns_type type)
{
    const struct dns_answer *answer = ask(gate, slice_of(name + 2), type);
    if (!answer)
        return later;
    if (answer->status == DNS_FAILURE && name[0] != '-')
        return end_with(gate, SPF_IS_TEMPERROR, "DNS failure");
    return answer->status == DNS_OK ? addresses(gate, answer, name[0] == '*') : nothing;
}

struct gate_answer spf_gate_lookup(struct spf_gate *gate, const char *name, enum dns_type type)
{
    uint64_t number;
    if (gate->ended)
        return nothing;
    if (name[0] == '#') {
        if (!slice_to_u64(slice_of(name + 1), &number) || number >= gate->count)
            return nothing;
        if (type == DNS_TYPE_TXT)
            return find_record(gate, (size_t)number);
        return type == DNS_TYPE_MX ? find_mx(gate, (size_t)number) : find_address(gate, (size_t)number, type);
    }
    if (name[0] && strchr("=*-", name[0]) && name[1] == '.')
        return find_host(gate, name, type);
    return type == DNS_TYPE_PTR ? find_ptr(gate) : nothing;
}
