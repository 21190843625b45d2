/* backend: see backend.h. */
#include "proxy/backend/backend.h"

#include "base/clock.h"
#include "base/mem.h"
#include "proxy/backend/backend_names.h"
#include "proxy/backend/drain.h"
#include "proxy/backend/pool.h"
#include "proxy/backend/upstream.h"

enum { TICK_MS = 1000, CHOICE_MAX = 256 };

bool backend_up(const struct backend *b)
{
    for (const struct server *s = b->servers; s; s = s->next)
        if (server_usable(s))
            return true;
    return false;
}

bool backend_offer_of(const struct backend *b, struct backend_offer *offer)
{
    bool found = false;
    *offer = (struct backend_offer){0};
    for (const struct server *s = b->servers; s; s = s->next) {
        if (!server_usable(s))
            continue;
        if (found)
            backend_offer_meet(offer, &s->offer);
        else
            *offer = s->offer;
        found = true;
    }
    return found;
}

/** Whether somebody has looked at all servers, or found one that is up. */
static bool is_known(const struct backend *b)
{
    if (backend_up(b))
        return true;
    for (const struct server *s = b->servers; s; s = s->next)
        if (s->health.state == SERVER_UNKNOWN && !s->gone)
            return false;
    return backend_names_looked(b->names);
}

void backend_server_changed(struct backend *b)
{
    if (!b->known && is_known(b)) {
        b->known = true;
        if (b->tools.learnt)
            b->tools.learnt(b->tools.ctx);
    }
    upstream_serve_waiting(b);
}

size_t backend_server_cap(const struct backend *b, const struct server_settings *settings)
{
    size_t most = (size_t)settings->max_connections, workers = b->tools.workers ? b->tools.workers : 1;
    return most && most < workers ? 1 : most / workers;
}

static bool was_tried(const struct backend_tried *tried, const struct server *s)
{
    for (size_t i = 0; i < tried->count; i++)
        if (tried->ids[i] == s->id)
            return true;
    return false;
}

/** A client's own address reaches servers of its family only. */
static bool is_within_reach(const struct server *s, const struct net_addr *client)
{
    return s->backend->settings->identity != IDENTITY_TRANSPARENT || s->place.address.family == client->family;
}

struct server *backend_choose(struct backend *b, const struct net_addr *client, const struct backend_tried *tried, bool *full)
{
    struct server_candidate candidates[CHOICE_MAX];
    struct server *servers[CHOICE_MAX];
    size_t count = 0;
    for (struct server *s = b->servers; s && count < CHOICE_MAX; s = s->next) {
        candidates[count] = server_candidate_of(s);
        candidates[count].usable = candidates[count].usable && !was_tried(tried, s) && is_within_reach(s, client);
        servers[count++] = s;
    }
    int i = server_choose(candidates, count);
    *full = i == SERVER_CHOICE_FULL;
    if (i < 0)
        return NULL;
    servers[i]->chosen = ++b->choices;
    return servers[i];
}

static bool is_same_place(const struct server_place *a, const struct server_place *b)
{
    if (a->path || b->path)
        return a->path && b->path && strcmp(a->path, b->path) == 0;
    return a->address.family == b->address.family && a->address.port == b->address.port &&
           memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes) == 0;
}

static bool is_among(const struct server *s, const struct server_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_same_place(&s->place, &places[i]))
            return true;
    return false;
}

static struct server *find_server(struct backend *b, const struct server_settings *settings, const struct server_place *place)
{
    for (struct server *s = b->servers; s; s = s->next)
        if (s->settings == settings && !s->gone && is_same_place(&s->place, place))
            return s;
    return NULL;
}

static void add_server(struct backend *b, const struct server_settings *settings, const struct server_place *place)
{
    struct server **last = &b->servers;
    while (*last)
        last = &(*last)->next;
    *last = server_new(b, settings, place);
    drain_look(b);
}

void backend_set_servers(struct backend *b, const struct server_settings *settings, const struct server_place *places, size_t count)
{
    for (struct server *s = b->servers; s; s = s->next)
        if (s->settings == settings && !is_among(s, places, count))
            s->gone = true;
    for (size_t i = 0; i < count; i++) {
        struct server *s = find_server(b, settings, &places[i]);
        if (s)
            server_set_place(s, &places[i]);
        else
            add_server(b, settings, &places[i]);
    }
    backend_server_changed(b);
}

static void free_gone(struct backend *b)
{
    struct server **link = &b->servers;
    while (*link) {
        struct server *s = *link;
        if (s->gone && s->sessions == 0) {
            *link = s->next;
            server_free(s);
        } else
            link = &s->next;
    }
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct backend *b = arg;
    drain_look(b);
    for (struct server *s = b->servers; s; s = s->next)
        pool_expire(s, clock_monotonic_us() / 1000);
    free_gone(b);
    upstream_serve_waiting(b);
}

/** Entries that are places by themselves; the others are looked up. */
static void add_entry(struct backend *b, const struct server_settings *entry)
{
    const struct backend_address *a = &entry->parsed;
    struct server_place place = {.address = a->ip, .rank = entry->priority * BACKEND_RANK_UNIT, .weight = entry->weight};
    if (backend_address_is_name(a)) {
        backend_names_add(b, entry);
        return;
    }
    if (a->kind == BACKEND_UNIX)
        place.path = a->name;
    backend_set_servers(b, entry, &place, 1);
}

void backend_init(struct backend *b, const struct backend_settings *settings, const struct backend_tools *tools)
{
    static const struct timeval every = {.tv_sec = TICK_MS / 1000, .tv_usec = TICK_MS % 1000 * 1000};
    const struct server_settings *entries = settings->servers.items;
    b->settings = settings;
    b->tools = *tools;
    b->base = tools->base;
    b->waiting_last = &b->waiting;
    b->tick = event_new(b->base, -1, EV_PERSIST, on_tick, b);
    event_add(b->tick, &every);
    for (size_t i = 0; i < settings->servers.count; i++)
        add_entry(b, &entries[i]);
}

void backend_release(struct backend *b)
{
    if (!b->tick)
        return;
    backend_names_free(&b->names);
    while (b->servers) {
        struct server *s = b->servers;
        b->servers = s->next;
        server_free(s);
    }
    event_free(b->tick);
    b->tick = NULL;
}
