/* state: what is remembered from one session to the next and shared by all workers: buckets of rate limits and open sessions.
 *
 * A batch of operations is carried out atomically, in one go: with LMDB (state_local.c) at once, with Redis (state_redis.c) in one round
 * trip. What shared memory of a filter needs beyond that is a new operation here, which every store understands.
 *
 * Concurrent sessions are leases: whoever enters holds a place for STATE_LEASE_MS and renews it (state_hold does), so the places of
 * a worker that dies come free by themselves. */
#ifndef FILTERS_STATE_STATE_H
#define FILTERS_STATE_STATE_H

#include "base/slice.h"
#include "filters/state/gcra.h"

enum { STATE_LEASE_MS = 60 * 1000, STATE_RENEW_MS = 20 * 1000, STATE_BATCH_MAX = 64 };

enum state_op_kind {
    STATE_COUNT,  /* an event of that cost: over if the limit has no room, and then not counted */
    STATE_LOOK,   /* would an event of that cost be over? Changes nothing */
    STATE_ENTER,  /* takes one of `most` places for `ticket`; over if all are taken by others */
    STATE_RENEW,  /* keeps the place for another lease */
    STATE_LEAVE,  /* gives it back */
    STATE_PLACES, /* how many places are taken */
    STATE_SET,    /* makes the bucket hold `cost` events */
    STATE_FORGET, /* empties it; frees all places */
};

struct state_op {
    enum state_op_kind kind;
    struct slice key;
    struct gcra_limit limit; /* COUNT, LOOK, SET */
    int64_t cost;            /* COUNT, LOOK, SET */
    int64_t most;            /* ENTER */
    uint64_t ticket;         /* ENTER, RENEW, LEAVE: names the session within this process */
    /* results */
    bool over;
    int64_t used;     /* events in the bucket, or places taken, afterwards */
    int64_t retry_us; /* until the event would not be over; 0: it was not, or nobody can know */
};

enum state_result {
    STATE_DONE,    /* the results are there */
    STATE_PENDING, /* done will be called */
    STATE_FAILED,  /* nothing was counted, nothing is known */
    STATE_CLOSED,  /* the same, and by configuration nobody may pass then (when_down: closed) */
};

/** The caller's, and must stay as it is until done is called or state_cancel. Without done nobody asks for the results: the batch
 *  is then free as soon as state_run returns. */
struct state_batch {
    struct state_op *ops;
    size_t count; /* at most STATE_BATCH_MAX */
    void (*done)(void *ctx, enum state_result result);
    void *ctx;
    void *pending; /* the store's own; set to NULL by whoever makes the batch */
    bool local;    /* result: the local store did it in place of a remote one */
};

/** A place that was entered and is to be renewed. Memory and key are the caller's until state_release. */
struct state_lease {
    struct slice key;
    uint64_t ticket;
    bool local;
    struct state_lease *next, **link; /* link NULL: not held */
};

struct state;

/** An entry, for lists of them. */
struct state_entry {
    struct slice key;
    int64_t ahead_us; /* of a bucket */
    int64_t places;   /* of sessions */
};
typedef void (*state_each_fn)(void *ctx, const struct state_entry *entry);

/** What a kind of store does; see the functions of the same names below. */
struct state_class {
    enum state_result (*run)(struct state *state, struct state_batch *batch);
    void (*cancel)(struct state *state, struct state_batch *batch);
    bool (*each)(struct state *state, struct slice prefix, state_each_fn fn, void *ctx);
    void (*tick)(struct state *state, int64_t now_ms); /* housekeeping */
    void (*free)(struct state *state);
};

/** The beginning of every store. */
struct state {
    const struct state_class *class;
    struct state_lease *leases;
    int64_t renewed_ms;
};

/** Never calls done itself: STATE_PENDING says that it will be called later. */
enum state_result state_run(struct state *state, struct state_batch *batch);
/** Nobody waits any more: done will not be called. Does nothing unless the batch is pending. */
void state_cancel(struct state *state, struct state_batch *batch);
/** Calls fn for every entry whose key starts with prefix. May block: not for workers. False: the store failed. */
bool state_each(struct state *state, struct slice prefix, state_each_fn fn, void *ctx);
/** From now on renews a place that was entered. */
void state_hold(struct state *state, struct state_lease *lease);
/** Gives it back. */
void state_release(struct state *state, struct state_lease *lease);
/** To be called about once a second: removes what has expired, renews leases. */
void state_tick(struct state *state, int64_t now_ms);
/** Frees it and sets *state to NULL; it may be NULL. Pending batches are cancelled. */
void state_free(struct state **state);

/** A random number that names this process in leases. */
uint64_t state_holder(void);

#endif
