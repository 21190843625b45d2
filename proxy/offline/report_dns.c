/* report_dns: see report_dns.h. */
#include "proxy/offline/report_dns.h"

#include "base/net_addr.h"

static const struct dns_map_entry *entries(const struct dns_map *map)
{
    return map ? dns_map_entries(map) : NULL;
}

const struct dns_map_entry *report_dns_first(const struct rehearsal *r)
{
    const struct dns_map_entry *first = entries(r->session_answers);
    return first ? first : entries(r->answers);
}

/* One without a successor is the last of the session's or of the message's. */
const struct dns_map_entry *report_dns_next(const struct rehearsal *r, const struct dns_map_entry *entry)
{
    if (entry->next)
        return entry->next;
    for (const struct dns_map_entry *e = entries(r->session_answers); e; e = e->next)
        if (e == entry)
            return entries(r->answers);
    return NULL;
}

static void add_cost(struct report_dns_cost *cost, const struct dns_map *map)
{
    if (!map)
        return;
    cost->queries += dns_map_spent(map);
    cost->refused += dns_map_refused(map);
}

struct report_dns_cost report_dns_cost(const struct rehearsal *r)
{
    struct report_dns_cost cost = {0};
    add_cost(&cost, r->session_answers);
    add_cost(&cost, r->answers);
    return cost;
}

static struct slice address(sa_family_t family, struct slice data, struct arena *arena)
{
    struct net_addr addr = {.family = family};
    char text[NET_ADDR_TEXT];
    memcpy(addr.bytes, data.ptr, data.len < sizeof addr.bytes ? data.len : sizeof addr.bytes);
    return arena_copy(arena, slice_of(net_addr_format_ip(&addr, text)));
}

struct slice report_dns_record(enum dns_type type, const struct dns_record *record, struct arena *arena)
{
    switch (type) {
    case DNS_TYPE_A:
        return address(AF_INET, record->data, arena);
    case DNS_TYPE_AAAA:
        return address(AF_INET6, record->data, arena);
    case DNS_TYPE_MX:
        return slice_of(arena_format(arena, "%u %.*s", record->preference, SLICE_FMT(record->data)));
    case DNS_TYPE_SRV:
        return slice_of(arena_format(arena, "%u %.*s", record->preference, SLICE_FMT(slice_skip(record->data, DNS_SRV_HEAD))));
    case DNS_TYPE_CNAME:
    case DNS_TYPE_PTR:
    case DNS_TYPE_TXT:
    case DNS_TYPE_SPF:
        break;
    }
    return record->data;
}

const char *report_dns_status(const struct dns_answer *answer)
{
    if (!answer)
        return "not waited for";
    switch (answer->status) {
    case DNS_OK:
        return answer->secure ? "found (DNSSEC)" : "found";
    case DNS_NODATA:
        return "no such record";
    case DNS_NXDOMAIN:
        return "no such name";
    case DNS_FAILURE:
        break;
    }
    return "failed";
}
