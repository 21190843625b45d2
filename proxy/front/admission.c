/* admission: see admission.h. */
#include "proxy/front/admission.h"

/* What one kind of key is held to. */
struct bound {
    int64_t most; /* sessions; 0: any number */
    const struct gcra_limit *rate;
    enum admission crowded, fast;
};

static struct bound bound_of(const struct listener_limits *l, enum crowd_kind kind)
{
    switch (kind) {
    case CROWD_ALL:
        return (struct bound){l->sessions, &l->rate_gcra, ADMISSION_SESSIONS, ADMISSION_RATE};
    case CROWD_ADDRESS:
        return (struct bound){l->per_address, NULL, ADMISSION_PER_ADDRESS, ADMISSION_GRANTED};
    default:
        return (struct bound){l->per_network, &l->network_rate_gcra, ADMISSION_PER_NETWORK, ADMISSION_NETWORK_RATE};
    }
}

static bool has_rate(const struct bound *b)
{
    return b->rate && b->rate->count > 0;
}

static struct crowd_key key_of(const struct admission_guest *g, enum crowd_kind kind)
{
    bool v4 = g->client.family == AF_INET;
    int64_t bits = kind == CROWD_NETWORK ? (v4 ? g->limits->network4 : g->limits->network6) : net_addr_bits(&g->client);
    return crowd_key_make(g->number, kind, &g->client, (unsigned)bits);
}

/* *stamp_us: what is to be remembered of the rate if all agree. */
static enum admission ask_one(const struct crowd_seat *seat, const struct admission_guest *g, enum crowd_kind kind, int64_t now_us,
                              int64_t *stamp_us)
{
    struct bound b = bound_of(g->limits, kind);
    struct crowd_key key = key_of(g, kind);
    struct crowd_count count = crowd_look(seat->crowd, &key);
    *stamp_us = 0;
    if (b.most && count.sessions >= (uint64_t)b.most)
        return b.crowded;
    if (!has_rate(&b))
        return ADMISSION_GRANTED;
    struct gcra_result r = gcra_check(b.rate, count.stamp_us, now_us, 1);
    *stamp_us = r.tat_us;
    return r.allowed ? ADMISSION_GRANTED : b.fast;
}

static bool is_bounded(const struct listener_limits *l, enum crowd_kind kind)
{
    struct bound b = bound_of(l, kind);
    return b.most || has_rate(&b);
}

bool admission_exempt(const struct listener_limits *limits, const struct net_addr *client)
{
    return limits->exempted && cidr_set_holds(limits->exempted, client);
}

enum admission admission_ask(const struct crowd_seat *seat, struct admission_guest *guest, int64_t now_us)
{
    int64_t stamps[CROWD_NETWORK + 1] = {0};
    guest->counted = 0;
    if (admission_exempt(guest->limits, &guest->client))
        return ADMISSION_GRANTED;
    for (enum crowd_kind kind = CROWD_ALL; kind <= CROWD_NETWORK; kind++) {
        enum admission verdict = is_bounded(guest->limits, kind) ? ask_one(seat, guest, kind, now_us, &stamps[kind]) : ADMISSION_GRANTED;
        if (verdict != ADMISSION_GRANTED)
            return verdict;
    }
    for (enum crowd_kind kind = CROWD_ALL; kind <= CROWD_NETWORK; kind++) {
        struct crowd_key key = key_of(guest, kind);
        if (is_bounded(guest->limits, kind) && crowd_enter(seat->crowd, seat->worker, &key, stamps[kind]))
            guest->counted |= 1u << kind;
    }
    return ADMISSION_GRANTED;
}

void admission_end(const struct crowd_seat *seat, struct admission_guest *guest)
{
    for (enum crowd_kind kind = CROWD_ALL; kind <= CROWD_NETWORK; kind++) {
        if (!(guest->counted >> kind & 1))
            continue;
        struct crowd_key key = key_of(guest, kind);
        crowd_leave(seat->crowd, seat->worker, &key);
    }
    guest->counted = 0;
}
