/* server: see server.h. The probe is an upstream without a client. */
#include "proxy/backend/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/backend/backend.h"
#include "proxy/backend/pool.h"
#include "proxy/backend/upstream.h"

#include <stdio.h>

enum { DOWN_INTERVAL_MS = 1000 };

static void log_change(const struct server *s, enum log_level level, const char *event, const char *why)
{
    log_event(level, event, "backend", s->backend->settings->name, "address", s->name, "reason", why, NULL);
}

/** Whether the server hears by nobody who the client is, so that its rules take every client for us. */
static bool is_blind(const struct server *s)
{
    switch (s->backend->settings->identity) {
    case IDENTITY_AUTO:
        return !s->offer.xclient;
    case IDENTITY_XFORWARD:
    case IDENTITY_NONE:
        return true;
    default:
        return false;
    }
}

static void log_up(const struct server *s)
{
    log_change(s, LOG_LEVEL_INFO, "backend.up", s->health.returned ? "answers again" : "probe");
    if (is_blind(s))
        log_change(s, LOG_LEVEL_WARNING, "backend.identity",
                   "without XCLIENT the backend takes every client for us: it must trust our address with nothing");
}

static void schedule(struct server *s)
{
    bool well = s->health.state == SERVER_UP && s->health.streak == 0;
    int64_t ms = s->backend->settings->probe_interval_ms;
    if (!well && ms > DOWN_INTERVAL_MS)
        ms = DOWN_INTERVAL_MS;
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    event_add(s->timer, &tv);
}

void server_note(struct server *s, bool good, const char *why)
{
    const struct backend_settings *settings = s->backend->settings;
    if (!server_health_note(&s->health, good, settings->rise, settings->fall, clock_monotonic_us() / 1000))
        return;
    if (good)
        log_up(s);
    else {
        log_change(s, LOG_LEVEL_ERROR, "backend.down", why);
        pool_clear(s);
        if (!s->probe)
            schedule(s);
    }
    backend_server_changed(s->backend);
}

void server_learn(struct server *s, const struct backend_offer *offer)
{
    s->offer = *offer;
    s->met = true;
}

void server_set_drained(struct server *s, bool drained)
{
    if (s->drained == drained)
        return;
    s->drained = drained;
    log_change(s, LOG_LEVEL_WARNING, drained ? "backend.drained" : "backend.undrained", "mailweir backend");
    if (drained)
        pool_clear(s);
    backend_server_changed(s->backend);
}

static void end_probe(struct server *s)
{
    upstream_drop(&s->probe);
    schedule(s);
}

static void on_reply(void *ctx, enum upstream_step step, const struct smtp_reply *reply)
{
    struct server *s = ctx;
    upstream_close(&s->probe);
    server_note(s, true, "");
    schedule(s);
}

static void on_failed(void *ctx, const char *why, const struct smtp_reply *reply)
{
    end_probe(ctx);
}

static const struct upstream_handler probe_handler = {.reply = on_reply, .failed = on_failed};

static void probe_start(evutil_socket_t fd, short what, void *arg)
{
    struct server *s = arg;
    if (!s->probe && !s->gone)
        s->probe = upstream_probe(s, &probe_handler, s);
}

static void make_name(struct server *s)
{
    char text[NET_ADDR_TEXT];
    if (s->place.path)
        snprintf(s->name, sizeof s->name, "unix:%s", s->place.path);
    else
        snprintf(s->name, sizeof s->name, "%s", net_addr_format(&s->place.address, text));
}

struct server *server_new(struct backend *b, const struct server_settings *settings, const struct server_place *place)
{
    static unsigned last_id;
    struct server *s = mem_alloc(sizeof *s);
    s->backend = b;
    s->settings = settings;
    s->place = *place;
    s->id = ++last_id;
    make_name(s);
    s->timer = evtimer_new(b->base, probe_start, s);
    probe_start(-1, 0, s);
    return s;
}

void server_free(struct server *s)
{
    upstream_drop(&s->probe);
    pool_clear(s);
    event_free(s->timer);
    mem_free(s);
}

void server_set_place(struct server *s, const struct server_place *place)
{
    s->place = *place;
}

bool server_usable(const struct server *s)
{
    return s->health.state == SERVER_UP && !s->drained && !s->gone;
}

static uint64_t weight_now(const struct server *s)
{
    int64_t up_ms = clock_monotonic_us() / 1000 - s->health.since_ms;
    return server_grown_weight(s->place.weight, up_ms, s->health.returned ? s->backend->settings->slow_start_ms : 0);
}

struct server_candidate server_candidate_of(const struct server *s)
{
    size_t most = backend_server_cap(s->backend, s->settings);
    return (struct server_candidate){
        .usable = server_usable(s),
        .full = most && s->sessions >= most,
        .rank = s->place.rank,
        .weight = weight_now(s),
        .sessions = s->sessions,
        .chosen = s->chosen,
    };
}

struct stream_target server_target(const struct server *s, const struct net_addr *client)
{
    struct stream_target target = {.path = s->place.path, .address = s->place.address};
    if (client && s->backend->settings->identity == IDENTITY_TRANSPARENT)
        target.source = *client;
    return target;
}

const char *server_tls_name(const struct server *s, char buffer[NET_ADDR_TEXT])
{
    if (s->backend->settings->tls_name)
        return s->backend->settings->tls_name;
    return s->place.host[0] ? s->place.host : net_addr_format_ip(&s->place.address, buffer);
}
