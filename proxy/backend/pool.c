/* pool: see pool.h. */
#include "proxy/backend/pool.h"

#include "base/clock.h"
#include "base/mem.h"
#include "proxy/backend/backend.h"

enum { QUIT_LINGER_MS = 1000, ERRORS_MAX = 4 /* servers slow down, or hang up on, those that make many */ };

/* Behind a PROXY header, or from a client's own address, it speaks for one client for ever. */
static bool is_reusable(const struct server *s, const struct upstream_link *link)
{
    int identity = s->backend->settings->identity;
    return identity != IDENTITY_PROXY && identity != IDENTITY_TRANSPARENT && !link->spent;
}

bool pool_wants(const struct server *s, const struct upstream_link *link)
{
    const struct pool_settings *pool = &s->backend->settings->pool;
    return server_usable(s) && (int64_t)s->idle_count < pool->idle && (int64_t)link->messages < pool->uses && link->errors <= ERRORS_MAX &&
           is_reusable(s, link);
}

static void unlink_idle(struct idle_link *idle)
{
    struct idle_link **at = &idle->server->idle;
    while (*at != idle)
        at = &(*at)->next;
    *at = idle->next;
    idle->server->idle_count--;
}

static void close_idle(struct idle_link *idle)
{
    unlink_idle(idle);
    stream_write(idle->link.stream, SLICE("QUIT\r\n"));
    stream_close(&idle->link.stream, QUIT_LINGER_MS);
    mem_free(idle);
}

/* Whatever the server says now, nobody asked it. */
static void give_up(void *ctx)
{
    struct idle_link *idle = ctx;
    unlink_idle(idle);
    stream_free(&idle->link.stream);
    mem_free(idle);
}

static void on_ended(void *ctx, enum stream_end why)
{
    give_up(ctx);
}

static const struct stream_handler idle_handler = {.readable = give_up, .ended = on_ended};

void pool_put(struct server *s, struct upstream_link *link)
{
    struct idle_link *idle = mem_alloc(sizeof *idle);
    idle->server = s;
    idle->link = *link;
    idle->since_ms = clock_monotonic_us() / 1000;
    idle->next = s->idle;
    s->idle = idle;
    s->idle_count++;
    link->stream = NULL;
    stream_hand_over(idle->link.stream, &idle_handler, idle);
    stream_set_timeout(idle->link.stream, 0, 0);
    stream_resume(idle->link.stream);
}

bool pool_take(struct server *s, struct upstream_link *link)
{
    struct idle_link *idle;
    while ((idle = s->idle) && (stream_has_input(idle->link.stream) || stream_peer_gone(idle->link.stream)))
        give_up(idle);
    if (!idle)
        return false;
    unlink_idle(idle);
    *link = idle->link;
    mem_free(idle);
    return true;
}

void pool_expire(struct server *s, int64_t now_ms)
{
    for (struct idle_link *idle = s->idle, *next; idle; idle = next) {
        next = idle->next;
        if (now_ms - idle->since_ms >= s->backend->settings->pool.idle_time_ms)
            close_idle(idle);
    }
}

void pool_clear(struct server *s)
{
    while (s->idle)
        close_idle(s->idle);
}
