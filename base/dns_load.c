/* dns_load: see dns_load.h. A chained hash table by asker; who holds nothing is not in it. */
#include "base/dns_load.h"

#include "base/mem.h"

#include <sys/queue.h>

enum {
    BUCKET_BITS = 10,
    BUCKETS = 1 << BUCKET_BITS,
    PART_TO_BEGIN = 16, /* who holds less than this part of the free places may begin something new */
    PART_TO_GO_ON = 8,  /* and less than this part, may ask on */
};

struct dns_share {
    LIST_ENTRY(dns_share) link;
    uint64_t asker;
    unsigned held;
};

LIST_HEAD(share_list, dns_share);

struct dns_load {
    unsigned most, total, askers;
    struct share_list buckets[BUCKETS];
};

struct dns_load *dns_load_new(unsigned most)
{
    struct dns_load *load = mem_alloc(sizeof *load);
    load->most = most;
    for (size_t i = 0; i < BUCKETS; i++)
        LIST_INIT(&load->buckets[i]);
    return load;
}

static void share_free(struct dns_load *load, struct dns_share *share)
{
    LIST_REMOVE(share, link);
    load->askers--;
    mem_free(share);
}

void dns_load_free(struct dns_load **handle)
{
    struct dns_load *load = *handle;
    if (!load)
        return;
    *handle = NULL;
    for (size_t i = 0; i < BUCKETS; i++)
        while (!LIST_EMPTY(&load->buckets[i]))
            share_free(load, LIST_FIRST(&load->buckets[i]));
    mem_free(load);
}

uint64_t dns_load_asker(const struct net_addr *client)
{
    enum { SITE4 = 24, SITE6 = 48 };
    struct net_addr net = *client;
    uint64_t key = 0;
    if (net.family != AF_INET && net.family != AF_INET6)
        return 0;
    net_addr_mask(&net, net.family == AF_INET ? SITE4 : SITE6);
    for (size_t i = 0; i < (net.family == AF_INET ? 4 : 8); i++)
        key = key << 8 | net.bytes[i];
    return key | (net.family == AF_INET ? UINT64_C(1) << 32 : 1); /* the last bits of a /48 are free: this marks IPv6 */
}

static size_t bucket_of(uint64_t asker)
{
    return asker * UINT64_C(0x9e3779b97f4a7c15) >> (64 - BUCKET_BITS); /* the high bits depend on every bit */
}

static struct dns_share *find(const struct dns_load *load, uint64_t asker)
{
    struct dns_share *share;
    LIST_FOREACH(share, &load->buckets[bucket_of(asker)], link)
    if (share->asker == asker)
        return share;
    return NULL;
}

static struct dns_share *add(struct dns_load *load, uint64_t asker)
{
    struct dns_share *share = mem_alloc(sizeof *share);
    share->asker = asker;
    LIST_INSERT_HEAD(&load->buckets[bucket_of(asker)], share, link);
    load->askers++;
    return share;
}

static bool within(const struct dns_load *load, const struct dns_share *share, unsigned part)
{
    uint64_t held = share && share->asker ? share->held : 0;
    return held * part < load->most - load->total;
}

struct dns_share *dns_load_take(struct dns_load *load, uint64_t asker)
{
    struct dns_share *share = find(load, asker);
    if (!within(load, share, PART_TO_GO_ON))
        return NULL;
    if (!share)
        share = add(load, asker);
    share->held++;
    load->total++;
    return share;
}

void dns_load_give_back(struct dns_load *load, struct dns_share *share)
{
    load->total--;
    if (--share->held == 0)
        share_free(load, share);
}

enum dns_load_state dns_load_state(const struct dns_load *load, uint64_t asker)
{
    if (within(load, find(load, asker), PART_TO_BEGIN))
        return DNS_LOAD_FREE;
    return load->total >= load->most / 4 * 3 ? DNS_LOAD_FULL : DNS_LOAD_SHARE;
}

unsigned dns_load_total(const struct dns_load *load)
{
    return load->total;
}

unsigned dns_load_askers(const struct dns_load *load)
{
    return load->askers;
}
