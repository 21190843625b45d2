/* spf_mechanism: see spf_mechanism.h.
 *
 * An mx or ptr mechanism asks for the addresses of all its names at once. The order of records in an answer means nothing, so
 * one address that matches decides, whatever became of the other names; if none does, a failed one is a temporary error. */
#include "filters/spf/spf_mechanism.h"

#include "filters/domain_name.h"
#include "filters/spf/spf_names.h"

static enum dns_type address_type(const struct spf_run *run)
{
    return run->query->client.family == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
}

static bool same_network(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    return memcmp(a, b, whole) == 0 && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* Is the client in the network of one of the addresses? */
static bool has_client(const struct spf_run *run, const struct dns_answer *answer, const struct spf_term *term)
{
    const struct net_addr *client = &run->query->client;
    unsigned bits = client->family == AF_INET6 ? term->prefix6 : term->prefix4;
    for (size_t i = 0; i < answer->count; i++) {
        struct slice data = answer->records[i].data;
        if (data.len == net_addr_bits(client) / 8 && same_network((const uint8_t *)data.ptr, client->bytes, bits))
            return true;
    }
    return false;
}

/* §5.6 */
static enum spf_match match_network(const struct spf_run *run, const struct spf_term *term)
{
    const struct net_addr *client = &run->query->client;
    if (term->network.family != client->family)
        return SPF_NO_MATCH;
    unsigned bits = client->family == AF_INET6 ? term->prefix6 : term->prefix4;
    return same_network(term->network.bytes, client->bytes, bits) ? SPF_MATCH : SPF_NO_MATCH;
}

/* §5.3 */
static enum spf_match match_a(struct spf_run *run, const struct spf_term *term, struct slice name)
{
    const struct dns_answer *answer;
    enum spf_match match = spf_run_ask_for_term(run, name, address_type(run), &answer);
    if (match == SPF_MATCH && !has_client(run, answer, term))
        return SPF_NO_MATCH;
    return match;
}

/* §5.4; at most 10 names (§4.6.4). The name of a null MX (RFC 7505) is empty and never asked for. */
static enum spf_match match_mx(struct spf_run *run, const struct spf_term *term, struct slice name)
{
    const struct dns_answer *mx;
    bool missed = false, failed = false;
    enum spf_match match = spf_run_ask_for_term(run, name, DNS_TYPE_MX, &mx);
    if (match != SPF_MATCH)
        return match;
    if (mx->count > SPF_NAMES_MAX)
        return spf_run_end(run, SPF_IS_PERMERROR, "more than 10 MX records");
    for (size_t i = 0; i < mx->count; i++) {
        const struct dns_answer *answer = spf_run_ask(run, mx->records[i].data, address_type(run));
        if (answer && has_client(run, answer, term))
            return SPF_MATCH;
        missed = missed || !answer;
        failed = failed || (answer && answer->status == DNS_FAILURE);
    }
    if (missed)
        return SPF_OPEN;
    return failed ? spf_run_end(run, SPF_IS_TEMPERROR, "DNS failure") : SPF_NO_MATCH;
}

/* One name of the client: is it below the target, and does it lead back to the client? */
static enum spf_match match_client_name(struct spf_run *run, struct slice name, struct slice target)
{
    static const struct spf_term exact = {.prefix4 = 32, .prefix6 = 128};
    if (!domain_name_is_within(name, target))
        return SPF_NO_MATCH;
    const struct dns_answer *answer = spf_run_ask(run, name, address_type(run));
    if (!answer)
        return SPF_OPEN;
    return has_client(run, answer, &exact) ? SPF_MATCH : SPF_NO_MATCH;
}

/* §5.5: a failure is no match, and names after the tenth are ignored. */
static enum spf_match match_ptr(struct spf_run *run, struct slice target)
{
    enum spf_match match = SPF_NO_MATCH;
    const struct dns_answer *ptr = spf_run_ask(run, spf_reverse_name(&run->query->client, run->arena), DNS_TYPE_PTR);
    if (!ptr)
        return SPF_OPEN;
    if (ptr->status != DNS_OK && ptr->status != DNS_FAILURE && ++run->voids > SPF_VOIDS_MAX)
        return spf_run_end(run, SPF_IS_PERMERROR, "more than 2 void DNS lookups");
    for (size_t i = 0; i < ptr->count && i < SPF_NAMES_MAX; i++) {
        enum spf_match one = match_client_name(run, ptr->records[i].data, target);
        if (one == SPF_MATCH)
            return SPF_MATCH;
        if (one == SPF_OPEN)
            match = SPF_OPEN;
    }
    return match;
}

/* §5.7: an A record, also for a client with an IPv6 address. */
static enum spf_match match_exists(struct spf_run *run, struct slice name)
{
    const struct dns_answer *answer;
    return spf_run_ask_for_term(run, name, DNS_TYPE_A, &answer);
}

static enum spf_match match_by_name(struct spf_run *run, const struct spf_term *term, struct slice domain)
{
    struct slice name;
    if (!spf_run_count_term(run))
        return SPF_ENDED;
    enum spf_match target = spf_run_target(run, term->domain, domain, &name);
    if (target != SPF_MATCH)
        return target;
    switch (term->mechanism) {
    case SPF_A:
        return match_a(run, term, name);
    case SPF_MX:
        return match_mx(run, term, name);
    case SPF_PTR:
        return match_ptr(run, name);
    default:
        return match_exists(run, name);
    }
}

enum spf_match spf_mechanism_match(struct spf_run *run, const struct spf_term *term, struct slice domain)
{
    if (term->mechanism == SPF_ALL)
        return SPF_MATCH;
    if (term->mechanism == SPF_IP4 || term->mechanism == SPF_IP6)
        return match_network(run, term);
    return match_by_name(run, term, domain);
}
