/* backend: see backend.h. The probe is an upstream without a client. */
#include "proxy/backend/backend.h"

#include "base/log.h"
#include "base/mem.h"
#include "proxy/backend/upstream.h"

enum { DOWN_INTERVAL_MS = 1000 };

struct backend_probe {
    struct upstream *upstream;
    struct event *timer;
};

static void probe_start(evutil_socket_t fd, short what, void *arg);

static void log_change(const struct backend *b, enum log_level level, const char *event, const char *why)
{
    char address[NET_ADDR_TEXT];
    log_event(level, event, "backend", b->settings->name, "address", net_addr_format(&b->settings->address, address), "reason", why, NULL);
}

static void set_health(struct backend *b, enum backend_health health, const char *why)
{
    bool first = b->health == BACKEND_UNKNOWN;
    if (b->health == health)
        return;
    b->health = health;
    if (health == BACKEND_UP) {
        log_change(b, LOG_LEVEL_INFO, "backend.up", first ? "probe" : "answers again");
        if (b->settings->identity != IDENTITY_XCLIENT && !(b->settings->identity == IDENTITY_AUTO && b->offer.xclient))
            log_change(b, LOG_LEVEL_WARNING, "backend.identity",
                       "without XCLIENT the backend takes every client for us: it must trust our address with nothing");
    } else
        log_change(b, LOG_LEVEL_ERROR, "backend.down", why);
    if (first && b->learnt)
        b->learnt(b->ctx);
}

static void schedule(struct backend *b)
{
    int64_t ms = b->health == BACKEND_UP ? b->settings->probe_interval_ms : DOWN_INTERVAL_MS;
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    event_add(b->probe->timer, &tv);
}

void backend_report_up(struct backend *b, const struct backend_offer *offer)
{
    b->offer = *offer;
    set_health(b, BACKEND_UP, "");
}

void backend_report_down(struct backend *b, const char *why)
{
    bool was_up = b->health == BACKEND_UP;
    set_health(b, BACKEND_DOWN, why);
    if (was_up && !b->probe->upstream)
        schedule(b);
}

static void on_reply(void *ctx, enum upstream_step step, const struct smtp_reply *reply)
{
    struct backend *b = ctx;
    upstream_close(&b->probe->upstream);
    schedule(b);
}

static void on_failed(void *ctx, const char *why, const struct smtp_reply *reply)
{
    struct backend *b = ctx;
    backend_report_down(b, why);
    upstream_close(&b->probe->upstream);
    schedule(b);
}

static const struct upstream_handler probe_handler = {.reply = on_reply, .failed = on_failed};

static void probe_start(evutil_socket_t fd, short what, void *arg)
{
    struct backend *b = arg;
    if (!b->probe->upstream)
        b->probe->upstream = upstream_open(b, NULL, &probe_handler, b);
}

void backend_init(struct backend *b, const struct backend_settings *settings, const char *hostname, struct event_base *base)
{
    b->settings = settings;
    b->hostname = hostname;
    b->base = base;
    b->health = BACKEND_UNKNOWN;
    b->probe = mem_alloc(sizeof *b->probe);
    b->probe->timer = evtimer_new(base, probe_start, b);
    probe_start(-1, 0, b);
}

void backend_release(struct backend *b)
{
    if (!b->probe)
        return;
    upstream_close(&b->probe->upstream);
    event_free(b->probe->timer);
    mem_free(b->probe);
    b->probe = NULL;
}
