/* chain: see chain.h. One slot per enabled filter, in registry order. */
#include "proxy/session/chain.h"

#include "base/clock.h"
#include "base/dns/dns_load.h"

#include <event2/event_struct.h>

struct slot {
    struct filter_ctx ctx;
    struct chain *chain;
    const struct filter_settings *settings;
    const char *failure; /* in this transaction, or NULL */
    bool must_defer;     /* it failed in a way that lets nobody pass */
};

struct chain {
    const struct chain_tools *tools;
    const struct mail_session *session;
    chain_done_fn done;
    void *ctx;
    struct slot *slots;
    size_t count;
    struct dns_map *answers; /* of the session */
    bool charged;            /* to a transaction */
    bool disabled, in_transaction;
    enum chain_phase phase;
    size_t next; /* slot to run next in this phase */
    struct slot *waiting;
    struct event deadline;
    int64_t patience_us; /* for all waits of one transaction: the longest filter timeout */
    int64_t waited_us;   /* of it, in this transaction */
    int64_t waiting_since_us;
};

static void on_deadline(evutil_socket_t fd, short what, void *arg);
static void host_resume(struct filter_ctx *ctx);
static void host_fail(struct filter_ctx *ctx, const char *why);
static void host_defer(struct filter_ctx *ctx, const char *why);

static const struct filter_host host = {host_resume, host_fail, host_defer};

static void slot_init(struct slot *s, struct chain *c, const struct filter_settings *settings, struct facts *facts)
{
    s->chain = c;
    s->settings = settings;
    s->ctx = (struct filter_ctx){
        .filter = settings->filter,
        .config = settings->config,
        .session = c->session,
        .facts = facts,
        .dns = c->tools->dns,
        .session_answers = c->answers,
        .state = c->tools->state,
        .fact_base = settings->fact_base,
        .host = &host,
        .core = s,
    };
    if (settings->filter->session_size)
        s->ctx.session_state = arena_alloc(c->session->arena, settings->filter->session_size);
}

struct chain *chain_new(const struct settings *settings, const struct chain_tools *tools, const struct mail_session *session,
                        struct facts *facts, chain_done_fn done, void *ctx)
{
    struct chain *c = arena_alloc(session->arena, sizeof *c);
    c->tools = tools;
    c->session = session;
    c->done = done;
    c->ctx = ctx;
    c->answers = dns_map_new(session->arena, FILTER_SESSION_QUERIES);
    dns_map_set_asker(c->answers, dns_load_asker(&session->client));
    c->slots = arena_alloc(session->arena, (settings->filter_count + 1) * sizeof *c->slots);
    for (size_t i = 0; i < settings->filter_count; i++) {
        const struct filter_settings *f = &settings->filters[i];
        if (!f->enabled)
            continue;
        slot_init(&c->slots[c->count++], c, f, facts);
        if (c->patience_us < f->timeout_ms * 1000)
            c->patience_us = f->timeout_ms * 1000;
    }
    evtimer_assign(&c->deadline, tools->base, on_deadline, c);
    return c;
}

void chain_disable(struct chain *c)
{
    c->disabled = true;
}

/* What the session asks for counts in its first message. */
static void charge(struct chain *c, struct dns_map *answers)
{
    if (!c->charged)
        dns_map_charge(answers, c->answers);
    c->charged = true;
}

const struct dns_map *chain_answers(const struct chain *c)
{
    return c->answers;
}

void chain_begin(struct chain *c, const struct mail_transaction *tx, struct auth_results *results, struct dns_map *answers)
{
    c->in_transaction = true;
    c->waited_us = 0;
    charge(c, answers);
    for (struct slot *s = c->slots; s < c->slots + c->count; s++) {
        s->failure = NULL;
        s->must_defer = false;
        s->ctx.tx = tx;
        s->ctx.results = results;
        s->ctx.answers = answers;
        if (s->ctx.filter->tx_size)
            s->ctx.tx_state = arena_alloc(tx->arena, s->ctx.filter->tx_size);
    }
}

static void stop_waiting(struct chain *c)
{
    if (c->waiting)
        c->waited_us += clock_monotonic_us() - c->waiting_since_us;
    c->waiting = NULL;
    evtimer_del(&c->deadline);
}

void chain_end(struct chain *c, bool completed)
{
    if (!c->in_transaction)
        return;
    stop_waiting(c);
    c->in_transaction = false;
    for (struct slot *s = c->slots; s < c->slots + c->count; s++) {
        if (!completed && !c->disabled && s->ctx.filter->abort)
            s->ctx.filter->abort(&s->ctx);
        s->ctx.tx = NULL;
        s->ctx.tx_state = NULL;
        s->ctx.results = NULL;
        s->ctx.answers = NULL;
    }
}

void chain_close(struct chain *c)
{
    chain_end(c, false);
    stop_waiting(c);
    for (struct slot *s = c->slots; s < c->slots + c->count; s++)
        if (s->ctx.filter->close)
            s->ctx.filter->close(&s->ctx);
}

static enum filter_status call(struct slot *s, enum chain_phase phase)
{
    const struct filter *f = s->ctx.filter;
    enum filter_status (*fn)(struct filter_ctx *) = NULL;
    switch (phase) {
    case CHAIN_CONNECT:
        fn = f->connect;
        break;
    case CHAIN_HELO:
        fn = f->helo;
        break;
    case CHAIN_MAIL:
        fn = f->mail;
        break;
    case CHAIN_RCPT:
        fn = f->rcpt;
        break;
    case CHAIN_DATA:
        fn = f->data;
        break;
    case CHAIN_EOM:
        fn = f->eom;
        break;
    }
    return fn ? fn(&s->ctx) : FILTER_DONE;
}

/* No longer than the filter's own timeout, and than what is left of the transaction's patience: silence met by one filter after the
 * other must not add up. */
static void wait_for(struct chain *c, struct slot *s)
{
    int64_t us = s->settings->timeout_ms * 1000, left = c->patience_us - c->waited_us;
    if (us > left)
        us = left > 1000 ? left : 1000;
    struct timeval tv = {.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)};
    c->waiting = s;
    c->waiting_since_us = clock_monotonic_us();
    evtimer_add(&c->deadline, &tv);
}

/* Calls the remaining filters of the phase. A filter that failed is left out until the next transaction. */
static bool go_on(struct chain *c)
{
    while (c->next < c->count) {
        struct slot *s = &c->slots[c->next++];
        if (s->failure || call(s, c->phase) == FILTER_DONE)
            continue;
        wait_for(c, s);
        return false;
    }
    return true;
}

bool chain_run(struct chain *c, enum chain_phase phase)
{
    if (c->disabled)
        return true;
    c->phase = phase;
    c->next = 0;
    return go_on(c);
}

static void resume(struct chain *c)
{
    stop_waiting(c);
    if (go_on(c))
        c->done(c->ctx);
}

static void host_resume(struct filter_ctx *ctx)
{
    struct slot *s = ctx->core;
    if (s->chain->waiting == s)
        resume(s->chain);
}

static void host_fail(struct filter_ctx *ctx, const char *why)
{
    struct slot *s = ctx->core;
    if (!s->failure)
        s->failure = why;
}

static void host_defer(struct filter_ctx *ctx, const char *why)
{
    struct slot *s = ctx->core;
    s->must_defer = true;
    host_fail(ctx, why);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct chain *c = arg;
    struct slot *s = c->waiting;
    if (!s)
        return;
    filter_fail(&s->ctx, "timeout");
    if (c->in_transaction && s->ctx.filter->abort)
        s->ctx.filter->abort(&s->ctx);
    resume(c);
}

void chain_header(struct chain *c, const struct mail_header *header)
{
    if (c->disabled)
        return;
    for (struct slot *s = c->slots; s < c->slots + c->count; s++)
        if (s->ctx.filter->header && !s->failure)
            s->ctx.filter->header(&s->ctx, header);
}

void chain_eoh(struct chain *c)
{
    if (c->disabled)
        return;
    for (struct slot *s = c->slots; s < c->slots + c->count; s++)
        if (s->ctx.filter->eoh && !s->failure)
            s->ctx.filter->eoh(&s->ctx);
}

void chain_body(struct chain *c, struct slice chunk)
{
    if (c->disabled)
        return;
    for (struct slot *s = c->slots; s < c->slots + c->count; s++)
        if (s->ctx.filter->body && !s->failure)
            s->ctx.filter->body(&s->ctx, chunk);
}

void chain_event(struct chain *c, enum filter_event event)
{
    if (c->disabled)
        return;
    for (struct slot *s = c->slots; s < c->slots + c->count; s++)
        if (s->ctx.filter->event)
            s->ctx.filter->event(&s->ctx, event);
}

const char *chain_deferred(const struct chain *c)
{
    for (const struct slot *s = c->slots; s < c->slots + c->count; s++)
        if (s->failure && (s->must_defer || s->settings->on_error == ON_ERROR_TEMPFAIL))
            return s->settings->filter->name;
    return NULL;
}

struct slice chain_failures(const struct chain *c, struct arena *arena)
{
    const char *all = "";
    for (const struct slot *s = c->slots; s < c->slots + c->count; s++)
        if (s->failure)
            all = arena_format(arena, "%s%s%s: %s", all, *all ? ", " : "", s->settings->filter->name, s->failure);
    return slice_of(all);
}
