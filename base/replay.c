/* replay: see replay.h.
 *
 * Each name that is being asked for a map has one asker, whichever replay missed it first; it belongs to the map's arena. The
 * replays that miss the name stand in its queue. A replay runs again when none of the names it missed is unanswered. */
#include "base/replay.h"

enum { ROUNDS_MAX = 64 };

struct replay {
    struct dns *dns;
    struct dns_map *map;
    replay_eval_fn eval;
    replay_done_fn done;
    void *ctx;
    unsigned rounds;
    unsigned unanswered;    /* names missed in the last run */
    struct dns_query *soon; /* only brings the call of done after a first run that missed nothing */
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

/* Whose waiters are being called; NULL once its arena was cleared meanwhile. Calls do not nest: answers come from the event loop. */
static struct asker *answering;

static void finish(struct replay *r)
{
    r->finished = true;
    r->done(r->ctx);
}

static void asker_cleanup(void *data)
{
    struct asker *k = data;
    dns_cancel(k->query);
    k->query = NULL;
    if (answering == k)
        answering = NULL;
}

static bool run(struct replay *r);

/** The answer to one name. done may clear the arena, and with it everything here. */
static void answered(void *ctx, const struct dns_answer *answer)
{
    struct asker *k = ctx;
    k->query = NULL;
    dns_map_put(k->map, k->entry->name, k->entry->type, answer);
    answering = k;
    while (answering && k->waiters) {
        struct replay *r = k->waiters->replay;
        k->waiters = k->waiters->next;
        if (--r->unanswered == 0 && run(r))
            finish(r);
    }
    answering = NULL;
}

static struct asker *asker_new(struct replay *r, struct dns_map_entry *entry)
{
    struct arena *arena = dns_map_arena(r->map);
    struct asker *k = arena_alloc(arena, sizeof *k);
    k->map = r->map;
    k->entry = entry;
    entry->asker = k;
    arena_add_cleanup(arena, asker_cleanup, k);
    k->query = dns_ask(r->dns, entry->name, entry->type, answered, k);
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

/** One evaluation. True: it missed nothing, so it was the last one. */
static bool run(struct replay *r)
{
    struct dns_view view = {.map = r->map};
    r->unanswered = 0;
    struct dns_map_watch watch = {.missed = missed, .ctx = r, .closed = r->rounds++ >= ROUNDS_MAX};
    struct dns_map_watch before = dns_map_watch(r->map, watch);
    r->eval(r->ctx, &view);
    dns_map_watch(r->map, before);
    return view.missed == 0;
}

static void on_soon(void *ctx, const struct dns_answer *answer)
{
    struct replay *r = ctx;
    r->soon = NULL;
    finish(r);
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
    if (run(r)) /* the empty name is no legal one: answered without a query, but never at once */
        r->soon = dns_ask(dns, SLICE(""), DNS_TYPE_A, on_soon, r);
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
