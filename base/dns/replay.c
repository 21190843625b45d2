/* replay: see replay.h.
 *
 * Each name that is being asked for a map has one asker, whichever replay missed it first; it belongs to the map's arena. The
 * replays that miss the name stand in its queue. A replay runs again when none of the names it missed is unanswered. done is called
 * on its own, never while a queue is walked: it may clear the arena in which all of this lives. */
#include "base/dns/replay.h"

enum { ROUNDS_MAX = 64 };

struct replay {
    struct dns *dns;
    struct dns_map *map;
    replay_eval_fn eval;
    replay_done_fn done;
    void *ctx;
    unsigned rounds;
    unsigned unanswered;    /* names missed in the last run */
    struct dns_query *soon; /* only brings the call of done */
    bool finished;
};

struct waiter {
    struct replay *replay;
    struct waiter *next;
};

struct asker {
    struct dns_map *map;
    struct dns_map_entry *entry;
    struct dns_query *query; /* NULL once answered */
    struct waiter *waiters;
};

static void asker_cleanup(void *data)
{
    struct asker *k = data;
    dns_cancel(k->query);
    k->query = NULL;
}

static void run(struct replay *r);

static void answered(void *ctx, const struct dns_answer *answer)
{
    struct asker *k = ctx;
    k->query = NULL;
    dns_map_put(k->map, k->entry->name, k->entry->type, answer);
    while (k->waiters) {
        struct replay *r = k->waiters->replay;
        k->waiters = k->waiters->next;
        if (--r->unanswered == 0)
            run(r);
    }
}

static bool spend_more(void *ctx)
{
    struct asker *k = ctx;
    return dns_map_spend(k->map, k->entry);
}

static struct asker *asker_new(struct replay *r, struct dns_map_entry *entry)
{
    struct arena *arena = dns_map_arena(r->map);
    struct asker *k = arena_alloc(arena, sizeof *k);
    k->map = r->map;
    k->entry = entry;
    entry->asker = k;
    arena_add_cleanup(arena, asker_cleanup, k);
    k->query = dns_ask_for(r->dns, dns_map_asker(r->map), entry->name, entry->type, answered, k);
    dns_meter(k->query, spend_more);
    return k;
}

static void missed(void *ctx, struct dns_map_entry *entry)
{
    struct replay *r = ctx;
    struct asker *k = entry->asker;
    if (!k)
        k = asker_new(r, entry);
    struct waiter **last = &k->waiters;
    for (; *last; last = &(*last)->next)
        if ((*last)->replay == r)
            return; /* looked up twice in this run */
    struct waiter *w = arena_alloc(dns_map_arena(r->map), sizeof *w);
    w->replay = r;
    *last = w;
    r->unanswered++;
}

static void on_soon(void *ctx, const struct dns_answer *answer)
{
    struct replay *r = ctx;
    r->soon = NULL;
    r->finished = true;
    r->done(r->ctx);
}

/** One evaluation. If it missed nothing it was the last one. */
static void run(struct replay *r)
{
    struct dns_view view = {.map = r->map};
    r->unanswered = 0;
    struct dns_map_watch watch = {.missed = missed, .ctx = r, .closed = r->rounds++ >= ROUNDS_MAX};
    struct dns_map_watch before = dns_map_watch(r->map, watch);
    r->eval(r->ctx, &view);
    dns_map_watch(r->map, before);
    if (view.missed == 0) /* the empty name is no legal one: answered without a query, but never at once */
        r->soon = dns_ask(r->dns, SLICE(""), DNS_TYPE_A, on_soon, r);
}

static void replay_cleanup(void *data)
{
    replay_cancel(data);
}

struct replay *replay_start(struct arena *arena, struct dns *dns, struct dns_map *map, replay_eval_fn eval, replay_done_fn done, void *ctx)
{
    struct replay *r = arena_alloc(arena, sizeof *r);
    *r = (struct replay){.dns = dns, .map = map, .eval = eval, .done = done, .ctx = ctx};
    arena_add_cleanup(arena, replay_cleanup, r);
    run(r);
    return r;
}

bool replay_finished(const struct replay *r)
{
    return r->finished;
}

static void leave(struct replay *r, struct asker *k)
{
    for (struct waiter **at = &k->waiters; *at; at = &(*at)->next)
        if ((*at)->replay == r) {
            *at = (*at)->next;
            return;
        }
}

void replay_cancel(struct replay *r)
{
    if (r->finished)
        return;
    r->finished = true;
    dns_cancel(r->soon);
    r->soon = NULL;
    for (struct dns_map_entry *e = dns_map_entries(r->map); e; e = e->next)
        if (e->asker)
            leave(r, e->asker);
}
