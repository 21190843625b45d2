/* upstream_place: from whom a dialogue gets its server: the choice, the queue of those that wait, and what happens when a server fails
 * before the dialogue has begun. See upstream.h. */
#include "proxy/backend/backend.h"
#include "proxy/backend/upstream_private.h"

static void on_later(evutil_socket_t fd, short what, void *arg)
{
    static const char *const texts[] = {
        [UPSTREAM_LACKS_NOTHING] = "backend is not available",
        [UPSTREAM_LACKS_TURN] = "no connection to the backend became free in time",
        [UPSTREAM_LACKS_ROOM] = "too many sessions wait for a connection to the backend",
        [UPSTREAM_LACKS_SERVER] = "no server of the backend is available",
    };
    struct upstream *u = arg;
    u->busy = u->lack == UPSTREAM_LACKS_TURN || u->lack == UPSTREAM_LACKS_ROOM;
    upstream_enter(u);
    upstream_fail(u, texts[u->lack], NULL);
    upstream_leave(u);
}

static void link_to_server(struct upstream *u, struct server *s)
{
    u->server = s;
    u->next = s->upstreams;
    u->at = &s->upstreams;
    if (u->next)
        u->next->at = &u->next;
    s->upstreams = u;
    s->sessions++;
}

static void take_server(struct upstream *u, struct server *s)
{
    struct upstream_link link;
    link_to_server(u, s);
    if (pool_take(s, &link))
        upstream_adopt(u, &link);
    else
        upstream_connect(u);
}

static void start_timer(struct upstream *u, enum upstream_lack lack, int64_t ms)
{
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    u->lack = lack;
    evtimer_assign(&u->later, u->backend->base, on_later, u);
    evtimer_add(&u->later, &tv);
}

static void stop_timer(struct upstream *u)
{
    if (u->lack != UPSTREAM_LACKS_NOTHING)
        evtimer_del(&u->later);
    u->lack = UPSTREAM_LACKS_NOTHING;
}

static void wait_in_line(struct upstream *u)
{
    struct backend *b = u->backend;
    if ((int64_t)b->waiting_count >= b->settings->queue || b->settings->wait_ms == 0) {
        start_timer(u, UPSTREAM_LACKS_ROOM, 0);
        return;
    }
    u->at = b->waiting_last;
    u->next = NULL;
    *b->waiting_last = u;
    b->waiting_last = &u->next;
    b->waiting_count++;
    start_timer(u, UPSTREAM_LACKS_TURN, b->settings->wait_ms);
}

static void leave_line(struct upstream *u)
{
    struct backend *b = u->backend;
    *u->at = u->next;
    if (u->next)
        u->next->at = u->at;
    else
        b->waiting_last = u->at;
    u->at = NULL;
    b->waiting_count--;
    stop_timer(u);
}

static struct server *choose(struct upstream *u, bool *full)
{
    struct backend_tried tried = u->tried;
    if (u->avoid && tried.count < sizeof tried.ids / sizeof tried.ids[0])
        tried.ids[tried.count++] = u->avoid;
    struct server *s = backend_choose(u->backend, &u->client->client, &tried, full);
    return s || *full || !u->avoid ? s : backend_choose(u->backend, &u->client->client, &u->tried, full);
}

/* A session that keeps a connection between two messages can do without. */
static bool free_a_connection(struct backend *b)
{
    for (struct server *s = b->servers; s; s = s->next)
        for (struct upstream *u = server_usable(s) ? s->upstreams : NULL; u; u = u->next)
            if (upstream_is_free(u)) {
                upstream_yield(u);
                return true;
            }
    return false;
}

void upstream_place(struct upstream *u)
{
    bool full;
    struct server *s = choose(u, &full);
    if (full && u->backend->waiting_count == 0 && free_a_connection(u->backend))
        s = choose(u, &full);
    if (s)
        take_server(u, s);
    else if (full)
        wait_in_line(u);
    else
        start_timer(u, UPSTREAM_LACKS_SERVER, 0);
}

void upstream_serve_waiting(struct backend *b)
{
    bool full;
    while (b->waiting) {
        struct upstream *u = b->waiting;
        struct server *s = choose(u, &full);
        if (!s)
            return;
        leave_line(u);
        if (u->handler->wanted && !u->handler->wanted(u->ctx))
            start_timer(u, UPSTREAM_LACKS_TURN, 0);
        else
            take_server(u, s);
    }
}

static void leave_server(struct upstream *u)
{
    *u->at = u->next;
    if (u->next)
        u->next->at = u->at;
    u->at = NULL;
    u->server->sessions--;
    u->server = NULL;
}

void upstream_unplace(struct upstream *u)
{
    if (u->lack == UPSTREAM_LACKS_TURN && u->at)
        leave_line(u);
    stop_timer(u);
    if (!u->server || !u->client)
        return;
    leave_server(u);
    upstream_serve_waiting(u->backend);
}

bool upstream_go_elsewhere(struct upstream *u)
{
    bool full;
    struct backend_tried *tried = &u->tried;
    if (!u->client || !u->server || tried->count == sizeof tried->ids / sizeof tried->ids[0])
        return false;
    tried->ids[tried->count++] = u->server->id;
    struct server *s = backend_choose(u->backend, &u->client->client, tried, &full);
    if (!s)
        return false;
    stream_free(&u->link.stream);
    leave_server(u);
    take_server(u, s);
    upstream_serve_waiting(u->backend);
    return true;
}

void upstream_yield(struct upstream *u)
{
    struct server *s = u->server;
    upstream_enter(u);
    if (pool_wants(s, &u->link))
        pool_put(s, &u->link);
    else
        upstream_quit(u);
    u->failed = true;
    u->handler->failed(u->ctx, "the connection went to another session", NULL);
    upstream_leave(u);
}
