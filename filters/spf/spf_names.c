/* spf_names: see spf_names.h. */
#include "filters/spf/spf_names.h"

#include "filters/domain_name.h"
#include "filters/spf/spf_trace.h"

struct slice spf_reverse_name(const struct net_addr *addr, struct arena *arena)
{
    const uint8_t *b = addr->bytes;
    char text[64];
    if (addr->family != AF_INET6)
        return slice_of(arena_format(arena, "%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0]));
    for (size_t i = 0; i < 32; i++) {
        text[2 * i] = "0123456789abcdef"[i % 2 ? b[15 - i / 2] >> 4 : b[15 - i / 2] & 15];
        text[2 * i + 1] = '.';
    }
    return slice_of(arena_format(arena, "%.64sip6.arpa", text));
}

static bool resolves_to(struct slice name, const struct spf_query *query, struct dns_view *view)
{
    const struct net_addr *client = &query->client;
    size_t size = net_addr_bits(client) / 8;
    const struct dns_answer *answer = spf_trace_find(query, view, name, client->family == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A);
    for (size_t i = 0; answer && i < answer->count; i++)
        if (answer->records[i].data.len == size && memcmp(answer->records[i].data.ptr, client->bytes, size) == 0)
            return true;
    return false;
}

struct slice spf_names_of_client(const struct spf_query *query, struct slice domain, struct dns_view *view, struct arena *arena)
{
    struct slice below = SLICE(""), any = SLICE("unknown");
    const struct dns_answer *ptr = spf_trace_find(query, view, spf_reverse_name(&query->client, arena), DNS_TYPE_PTR);
    for (size_t i = 0; ptr && i < ptr->count && i < SPF_NAMES_MAX; i++) {
        struct slice name = ptr->records[i].data;
        if (!domain_name_is_valid(name) || !resolves_to(name, query, view))
            continue;
        if (slice_eq_nocase(name, domain))
            return name;
        if (below.len == 0 && domain_name_is_within(name, domain))
            below = name;
        if (slice_eq(any, SLICE("unknown")))
            any = name;
    }
    return below.len ? below : any;
}
