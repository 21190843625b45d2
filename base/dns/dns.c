/* dns: see dns.h.
 *
 * The library may answer from inside ub_resolve_event. So its callback only keeps the packet and moves the query to the list of
 * those ready; one event drains that list and calls the askers. A query given up by its asker or past its deadline stays on the
 * list of the abandoned, and keeps its place in the load, until the library has finished with it: it cannot be told to stop, and gives
 * a silent server up by itself after a few seconds. All queries have the same timeout, so those waiting stand in the order of their
 * deadlines and one timer serves the first; what a name leads on to has to be done within the deadline of the name.
 *
 * Aliases are followed here, link by link, since each is a query that somebody has to pay for (dns_meter). The library is told not
 * to follow any (dns_context.c): it ends with SERVFAIL then, and has the CNAME record in its cache. So after SERVFAIL that record is
 * asked for. Answered at once, from the cache, this has cost nothing, and what was paid for it pays for the next link. */
#include "base/dns/dns.h"

#include "base/clock.h"
#include "base/dns/dns_context.h"
#include "base/dns/dns_name.h"
#include "base/dns/dns_packet.h"
#include "base/mem.h"

#include <sys/queue.h>

#include <unbound.h>

#include <unbound-event.h>

enum {
    ALIAS_MAX = 8, /* CNAMEs from packet to packet */
    SEC_BOGUS = 1,
    SEC_SECURE = 2,
    CLASS_IN = 1,
    RCODE_SERVFAIL = 2,
    RCODE_NXDOMAIN = 3,
};

enum query_place {
    PLACE_NONE,      /* being asked or delivered */
    PLACE_WAITING,   /* for the library, with a deadline */
    PLACE_READY,     /* its answer is here */
    PLACE_ABANDONED, /* the library still has it, nobody wants it */
};

struct dns_query {
    TAILQ_ENTRY(dns_query) link;
    struct dns *dns;
    dns_answer_fn fn; /* NULL once called */
    dns_more_fn more; /* or NULL: nobody counts */
    void *ctx;
    char *name; /* being asked, in escaped form */
    enum dns_type type;
    enum query_place place;
    uint64_t asker;
    struct dns_share *held; /* by the library: the place it takes; else NULL */
    bool given;             /* the answer is in fixed, not in packet */
    bool failed;            /* SERVFAIL: perhaps only because there is an alias */
    bool looking;           /* for that alias */
    bool paid;              /* for a query that was not needed */
    int64_t deadline_us;
    unsigned aliases; /* followed so far */
    bool insecure;    /* an alias on the way was not validated */
    uint32_t ttl_max; /* of the aliases on the way */
    struct dns_answer fixed;
    int secure; /* as the library says */
    uint8_t *packet;
    size_t packet_len;
};

TAILQ_HEAD(query_list, dns_query);

struct dns {
    struct event_base *base;
    struct ub_ctx *ub;
    struct event *drain, *timer;
    struct arena *scratch; /* of the answer being delivered */
    struct query_list waiting, ready, abandoned;
    struct dns_load *load;        /* queries the library has, abandoned ones included */
    int64_t timeout_us, timer_us; /* timer_us: when the timer goes off, if it is set */
    bool timer_set;
    bool delivering;
    bool dead; /* freed by an asker during delivery */
};

static struct query_list *list_of(struct dns *dns, enum query_place place)
{
    switch (place) {
    case PLACE_WAITING:
        return &dns->waiting;
    case PLACE_READY:
        return &dns->ready;
    case PLACE_ABANDONED:
        return &dns->abandoned;
    case PLACE_NONE:
        break;
    }
    return NULL;
}

static void move(struct dns_query *q, enum query_place place)
{
    struct query_list *from = list_of(q->dns, q->place), *to = list_of(q->dns, place);
    if (from)
        TAILQ_REMOVE(from, q, link);
    q->place = place;
    if (to)
        TAILQ_INSERT_TAIL(to, q, link);
}

/** Behind those with the same deadline or an earlier one. */
static void start_waiting(struct dns_query *q)
{
    struct dns_query *before = TAILQ_LAST(&q->dns->waiting, query_list);
    while (before && before->deadline_us > q->deadline_us)
        before = TAILQ_PREV(before, query_list, link);
    q->place = PLACE_WAITING;
    if (before)
        TAILQ_INSERT_AFTER(&q->dns->waiting, before, q, link);
    else
        TAILQ_INSERT_HEAD(&q->dns->waiting, q, link);
}

static void query_free(struct dns_query *q)
{
    move(q, PLACE_NONE);
    mem_free(q->packet);
    mem_free(q->name);
    mem_free(q);
}

/** Frees the query, or leaves it to the library's callback. */
static void query_drop(struct dns_query *q)
{
    if (q->held)
        move(q, PLACE_ABANDONED);
    else
        query_free(q);
}

static void make_ready(struct dns_query *q)
{
    if (TAILQ_EMPTY(&q->dns->ready))
        event_active(q->dns->drain, EV_TIMEOUT, 0);
    move(q, PLACE_READY);
}

static void give(struct dns_query *q, enum dns_status status, const char *why)
{
    q->given = true;
    q->fixed = (struct dns_answer){.status = status, .why = why};
    make_ready(q);
}

static void keep_packet(struct dns_query *q, const void *packet, size_t len)
{
    q->packet = mem_resize(q->packet, len ? len : 1);
    memcpy(q->packet, packet, len);
    q->packet_len = len;
    make_ready(q);
}

/** The library no longer has it. */
static void let_go(struct dns_query *q)
{
    dns_load_give_back(q->dns->load, q->held);
    q->held = NULL;
}

/** Cached failures come as packets. */
static int rcode_of(int rcode, const uint8_t *packet, int len)
{
    return rcode == 0 && packet && len >= 4 ? packet[3] & 15 : rcode;
}

/** Called by the library, also from inside ub_resolve_event, also while the context is deleted. */
static void library_answered(void *arg, int rcode, void *packet, int len, int sec, char *why_bogus, int ratelimited)
{
    struct dns_query *q = arg;
    if (q->dns->dead)
        return;
    let_go(q);
    if (!q->fn) { /* nobody wants it; if it is being delivered, the end of that frees it */
        if (q->place == PLACE_ABANDONED)
            query_free(q);
        return;
    }
    q->secure = sec;
    q->failed = rcode_of(rcode, packet, len) == RCODE_SERVFAIL && sec != SEC_BOGUS;
    if (rcode != 0)
        give(q, rcode == RCODE_NXDOMAIN ? DNS_NXDOMAIN : DNS_FAILURE, dns_packet_rcode_name((unsigned)rcode));
    else if (sec == SEC_BOGUS)
        give(q, DNS_FAILURE, "bogus");
    else if (!packet || len <= 0)
        give(q, DNS_FAILURE, "no answer");
    else
        keep_packet(q, packet, (size_t)len);
}

static void set_timer(struct dns *dns)
{
    const struct dns_query *first = TAILQ_FIRST(&dns->waiting);
    if (!first || (dns->timer_set && first->deadline_us >= dns->timer_us))
        return;
    dns->timer_us = first->deadline_us;
    int64_t left = first->deadline_us - clock_monotonic_us();
    if (left < 0)
        left = 0;
    struct timeval delay = {.tv_sec = (time_t)(left / 1000000), .tv_usec = (suseconds_t)(left % 1000000)};
    dns->timer_set = event_add(dns->timer, &delay) == 0;
}

/** Hands its name to the library with that type. Whatever happens, the query ends up waiting or ready. */
static void submit(struct dns_query *q, enum dns_type type)
{
    struct dns *dns = q->dns;
    q->held = dns_load_take(dns->load, q->asker);
    if (!q->held) {
        give(q, DNS_FAILURE, "too many queries");
        q->fixed.refused = true;
        return;
    }
    int failed = ub_resolve_event(dns->ub, q->name, (int)type, CLASS_IN, q, library_answered, NULL);
    if (!q->held)
        return;
    if (failed) {
        let_go(q);
        give(q, DNS_FAILURE, "resolver error");
        return;
    }
    start_waiting(q);
    set_timer(dns);
}

static void set_name(struct dns_query *q, const char *escaped)
{
    size_t room = strlen(escaped) + 1;
    q->name = mem_resize(q->name, room);
    memcpy(q->name, escaped, room);
}

/** The last pointer to a resolver that was freed while it delivered. */
static bool ended_during_delivery(struct dns *dns)
{
    if (!dns->dead)
        return false;
    arena_free(&dns->scratch);
    mem_free(dns);
    return true;
}

/** Calls the asker. True: the resolver is gone. */
static bool deliver(struct dns_query *q, const struct dns_answer *answer)
{
    struct dns *dns = q->dns;
    dns_answer_fn fn = q->fn;
    move(q, PLACE_NONE);
    q->fn = NULL;
    dns->delivering = true;
    fn(q->ctx, answer);
    dns->delivering = false;
    if (dns->dead)
        query_free(q);
    else
        query_drop(q);
    if (ended_during_delivery(dns))
        return true;
    arena_clear(dns->scratch);
    return false;
}

/** May another query be sent? */
static bool pay(struct dns_query *q)
{
    if (!q->paid && q->more && !q->more(q->ctx))
        return false;
    q->paid = false;
    return true;
}

/** Goes on with the name that a CNAME record leads to. */
static void follow_alias(struct dns_query *q, struct slice alias, uint32_t ttl)
{
    char name[DNS_NAME_TEXT];
    q->insecure |= q->secure != SEC_SECURE;
    if (ttl < q->ttl_max)
        q->ttl_max = ttl;
    q->looking = q->failed = q->given = false;
    move(q, PLACE_NONE);
    if (++q->aliases > ALIAS_MAX)
        give(q, DNS_FAILURE, "CNAME loop");
    else if (!dns_name_escape(alias, name))
        give(q, DNS_NXDOMAIN, NULL);
    else if (!pay(q))
        give(q, DNS_FAILURE, "over the query budget");
    else {
        set_name(q, name);
        submit(q, q->type);
    }
}

/** Is the failure only an alias that the library did not follow? False: there is nothing to look for, or nobody pays for it. */
static bool look_for_alias(struct dns_query *q)
{
    if (!q->failed || q->looking || q->type == DNS_TYPE_CNAME || !pay(q))
        return false;
    move(q, PLACE_NONE);
    q->looking = true;
    q->given = q->failed = false;
    submit(q, DNS_TYPE_CNAME);
    q->paid = q->place == PLACE_READY;
    return true;
}

/** What was found of the alias behind a failure. True: the resolver is gone. */
static bool conclude_look(struct dns_query *q)
{
    static const struct dns_answer failure = {.status = DNS_FAILURE, .why = "SERVFAIL"};
    struct dns *dns = q->dns;
    struct dns_packet_reading reading = {.answer = failure};
    if (q->given)
        return deliver(q, q->fixed.status == DNS_FAILURE ? &q->fixed : &failure);
    dns_packet_read(q->packet, q->packet_len, DNS_TYPE_CNAME, dns->scratch, &reading);
    if (reading.answer.status != DNS_OK)
        return deliver(q, &failure);
    follow_alias(q, reading.answer.records[0].data, reading.answer.ttl);
    arena_clear(dns->scratch);
    return false;
}

/** What the packet says, or goes on with the name that it leads to. True: the resolver is gone. */
static bool conclude_packet(struct dns_query *q)
{
    struct dns *dns = q->dns;
    struct dns_packet_reading reading;
    dns_packet_read(q->packet, q->packet_len, q->type, dns->scratch, &reading);
    if (reading.alias.len && q->type != DNS_TYPE_CNAME) {
        follow_alias(q, reading.alias, reading.answer.ttl);
        arena_clear(dns->scratch);
        return false;
    }
    reading.answer.secure = q->secure == SEC_SECURE && !q->insecure;
    if (reading.answer.ttl > q->ttl_max)
        reading.answer.ttl = q->ttl_max;
    return deliver(q, &reading.answer);
}

/** Answers one query that is ready, unless it goes on. True: the resolver is gone. */
static bool finish(struct dns_query *q)
{
    if (look_for_alias(q))
        return false;
    if (q->looking)
        return conclude_look(q);
    return q->given ? deliver(q, &q->fixed) : conclude_packet(q);
}

static void on_drain(evutil_socket_t fd, short what, void *arg)
{
    struct dns *dns = arg;
    for (struct dns_query *q; (q = TAILQ_FIRST(&dns->ready)) != NULL;)
        if (finish(q))
            return;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    static const struct dns_answer timeout = {.status = DNS_FAILURE, .why = "timeout"};
    struct dns *dns = arg;
    int64_t now = clock_monotonic_us();
    dns->timer_set = false;
    for (struct dns_query *q; (q = TAILQ_FIRST(&dns->waiting)) != NULL && q->deadline_us <= now;)
        if (deliver(q, &timeout))
            return;
    set_timer(dns);
}

struct dns *dns_new(struct event_base *base, const struct dns_options *options, const char **error)
{
    struct ub_ctx *ub = dns_context_new(base, options, error);
    if (!ub)
        return NULL;
    struct dns *dns = mem_alloc(sizeof *dns);
    dns->base = base;
    dns->ub = ub;
    dns->timeout_us = (options->timeout_ms > 0 ? options->timeout_ms : 5000) * 1000;
    dns->load = dns_load_new(dns_context_queries());
    dns->scratch = arena_new();
    dns->drain = event_new(base, -1, 0, on_drain, dns);
    dns->timer = event_new(base, -1, 0, on_timer, dns);
    TAILQ_INIT(&dns->waiting);
    TAILQ_INIT(&dns->ready);
    TAILQ_INIT(&dns->abandoned);
    return dns;
}

static void free_list(struct query_list *list)
{
    while (!TAILQ_EMPTY(list))
        query_free(TAILQ_FIRST(list));
}

void dns_free(struct dns **handle)
{
    struct dns *dns = *handle;
    if (!dns)
        return;
    *handle = NULL;
    dns->dead = true;
    event_free(dns->drain);
    event_free(dns->timer);
    ub_ctx_delete(dns->ub);
    free_list(&dns->waiting);
    free_list(&dns->ready);
    free_list(&dns->abandoned);
    dns_load_free(&dns->load);
    if (!dns->delivering)
        ended_during_delivery(dns);
}

struct dns_query *dns_ask_for(struct dns *dns, uint64_t asker, struct slice name, enum dns_type type, dns_answer_fn fn, void *ctx)
{
    char escaped[DNS_NAME_TEXT];
    struct dns_query *q = mem_alloc(sizeof *q);
    q->dns = dns;
    q->fn = fn;
    q->ctx = ctx;
    q->type = type;
    q->asker = asker;
    q->ttl_max = DNS_PACKET_TTL_MAX;
    q->deadline_us = clock_monotonic_us() + dns->timeout_us;
    if (!dns_name_escape(name, escaped))
        give(q, DNS_NXDOMAIN, NULL);
    else if (type == DNS_TYPE_SPF)
        give(q, DNS_NODATA, NULL);
    else {
        set_name(q, escaped);
        submit(q, type);
    }
    return q;
}

struct dns_query *dns_ask(struct dns *dns, struct slice name, enum dns_type type, dns_answer_fn fn, void *ctx)
{
    return dns_ask_for(dns, 0, name, type, fn, ctx);
}

void dns_meter(struct dns_query *q, dns_more_fn more)
{
    q->more = more;
}

enum dns_load_state dns_busy(const struct dns *dns, uint64_t asker)
{
    return dns_load_state(dns->load, asker);
}

const struct dns_load *dns_load(const struct dns *dns)
{
    return dns->load;
}

void dns_cancel(struct dns_query *q)
{
    if (!q || !q->fn) /* being delivered just now */
        return;
    q->fn = NULL;
    query_drop(q);
}

const char *dns_type_name(enum dns_type type)
{
    switch (type) {
    case DNS_TYPE_A:
        return "A";
    case DNS_TYPE_CNAME:
        return "CNAME";
    case DNS_TYPE_PTR:
        return "PTR";
    case DNS_TYPE_MX:
        return "MX";
    case DNS_TYPE_TXT:
        return "TXT";
    case DNS_TYPE_AAAA:
        return "AAAA";
    case DNS_TYPE_SRV:
        return "SRV";
    case DNS_TYPE_SPF:
        return "SPF";
    }
    return "unknown";
}

const char *dns_status_name(enum dns_status status)
{
    static const char *const names[] = {"OK", "NODATA", "NXDOMAIN", "FAILURE"};
    return names[status];
}
