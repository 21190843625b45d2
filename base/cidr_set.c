/* cidr_set: see cidr_set.h. Each family has an array of ranges; sealing sorts them and merges what overlaps or touches,
 * so that a look-up is one binary search. Addresses are held as two 64-bit halves in host order. */
#include "base/cidr_set.h"

#include "base/mem.h"

#include <stdlib.h>

struct half_pair {
    uint64_t high, low;
};

struct range {
    struct half_pair first, last;
};

struct ranges {
    struct range *items;
    size_t count, room;
};

struct cidr_set {
    struct ranges v4, v6;
};

static struct half_pair pair_of(const struct net_addr *addr)
{
    struct half_pair p = {0, 0};
    size_t bytes = net_addr_bits(addr) / 8;
    for (size_t i = 0; i < bytes; i++) {
        p.high = p.high << 8 | p.low >> 56;
        p.low = p.low << 8 | addr->bytes[i];
    }
    return p;
}

static int pair_compare(struct half_pair a, struct half_pair b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low == b.low ? 0 : a.low < b.low ? -1 : 1;
}

/** The pair with its last n bits set. */
static struct half_pair pair_fill(struct half_pair p, unsigned n)
{
    if (n >= 64)
        p.low = UINT64_MAX;
    else
        p.low |= (UINT64_C(1) << n) - 1;
    if (n >= 128)
        p.high = UINT64_MAX;
    else if (n > 64)
        p.high |= (UINT64_C(1) << (n - 64)) - 1;
    return p;
}

/** Whether b is the address right after a. */
static bool pair_follows(struct half_pair a, struct half_pair b)
{
    a.low++;
    if (a.low == 0)
        a.high++;
    return (a.high != 0 || a.low != 0) && pair_compare(a, b) == 0;
}

static void set_release(void *data)
{
    struct cidr_set *set = data;
    mem_free(set->v4.items);
    mem_free(set->v6.items);
}

struct cidr_set *cidr_set_new(struct arena *arena)
{
    struct cidr_set *set = arena_alloc(arena, sizeof *set);
    arena_add_cleanup(arena, set_release, set);
    return set;
}

static bool parse_bits(struct slice text, unsigned max, unsigned *bits)
{
    uint64_t value;
    if (text.len > 3 || !slice_to_u64(text, &value) || value > max)
        return false;
    *bits = (unsigned)value;
    return true;
}

bool cidr_parse(struct slice text, struct net_addr *addr, unsigned *bits)
{
    ptrdiff_t slash = slice_index(text, '/');
    struct slice host = slash < 0 ? text : slice_first(text, (size_t)slash);
    if (!net_addr_parse_ip(host, addr))
        return false;
    unsigned written = slice_index(host, ':') >= 0 ? 128 : 32; /* the length counts in the form as written */
    unsigned length = written;
    if (slash >= 0 && !parse_bits(slice_skip(text, (size_t)slash + 1), written, &length))
        return false;
    unsigned unmapped = written - net_addr_bits(addr); /* 96 for ::ffff:192.0.2.1, else 0 */
    if (length < unmapped)
        return false;
    *bits = length - unmapped;
    net_addr_mask(addr, *bits);
    return true;
}

bool cidr_set_add(struct cidr_set *set, struct slice text)
{
    struct net_addr addr;
    unsigned bits;
    if (!cidr_parse(text, &addr, &bits))
        return false;
    struct ranges *r = addr.family == AF_INET6 ? &set->v6 : &set->v4;
    if (r->count == r->room) {
        r->room = r->room ? r->room * 2 : 16;
        r->items = mem_resize(r->items, r->room * sizeof *r->items);
    }
    struct half_pair first = pair_of(&addr);
    r->items[r->count++] = (struct range){first, pair_fill(first, net_addr_bits(&addr) - bits)};
    return true;
}

static int range_compare(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return pair_compare(x->first, y->first);
}

static void ranges_seal(struct ranges *r)
{
    if (r->count == 0)
        return;
    qsort(r->items, r->count, sizeof *r->items, range_compare);
    size_t kept = 0;
    for (size_t i = 1; i < r->count; i++) {
        struct range *last = &r->items[kept], next = r->items[i];
        if (pair_compare(next.first, last->last) > 0 && !pair_follows(last->last, next.first))
            r->items[++kept] = next;
        else if (pair_compare(next.last, last->last) > 0)
            last->last = next.last;
    }
    r->count = kept + 1;
}

void cidr_set_seal(struct cidr_set *set)
{
    ranges_seal(&set->v4);
    ranges_seal(&set->v6);
}

bool cidr_set_holds(const struct cidr_set *set, const struct net_addr *addr)
{
    const struct ranges *r = addr->family == AF_INET6 ? &set->v6 : &set->v4;
    if (addr->family != AF_INET && addr->family != AF_INET6)
        return false;
    struct half_pair wanted = pair_of(addr);
    size_t low = 0, high = r->count; /* the first range that starts after the address is in [low, high] */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pair_compare(r->items[middle].first, wanted) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && pair_compare(wanted, r->items[low - 1].last) <= 0;
}
