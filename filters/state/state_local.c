/* state_local: see state_local.h. A bucket is stored as its stamp in eight bytes, places as rows (places.h). */
#include "filters/state/state_local.h"

#include "base/clock.h"
#include "base/mem.h"
#include "filters/state/places.h"

enum { STAMP_BYTES = 8, SWEEP_MAX = 2000 };

struct state_local {
    struct state state; /* first */
    struct kv *kv;
};

/** What kv_update_all hands to apply. */
struct step {
    struct state_op *op;
    int64_t now_ms;
};

static int64_t stamp_read(struct slice value)
{
    uint64_t stamp = 0;
    if (value.len != STAMP_BYTES)
        return 0;
    for (size_t i = STAMP_BYTES; i > 0; i--)
        stamp = stamp << 8 | (unsigned char)value.ptr[i - 1];
    return stamp > INT64_MAX ? 0 : (int64_t)stamp;
}

static bool stamp_write(int64_t stamp, struct kv_value *out)
{
    for (size_t i = 0; i < STAMP_BYTES; i++)
        out->bytes[i] = (char)((uint64_t)stamp >> (8 * i) & 0xff);
    out->len = STAMP_BYTES;
    out->expires_ms = stamp / 1000 + 1;
    return true;
}

static bool count(struct state_op *op, int64_t now_us, struct slice current, struct kv_value *next)
{
    int64_t stored = stamp_read(current);
    struct gcra_result r = gcra_check(&op->limit, stored, now_us, op->cost);
    op->over = !r.allowed;
    op->retry_us = r.retry_us;
    op->used = gcra_used(&op->limit, r.ahead_us);
    if (op->kind == STATE_COUNT && r.tat_us != stored && r.tat_us > now_us)
        return stamp_write(r.tat_us, next);
    if (op->kind == STATE_LOOK && r.allowed)
        op->used = gcra_used(&op->limit, r.ahead_us - gcra_step_us(&op->limit, op->cost));
    return false;
}

static bool set(struct state_op *op, int64_t now_us, struct kv_value *next)
{
    op->used = op->cost < op->limit.burst ? op->cost : op->limit.burst;
    return op->cost > 0 ? stamp_write(now_us + gcra_step_us(&op->limit, op->cost), next) : true;
}

static bool rows_write(const struct places *p, struct kv_value *next)
{
    next->len = places_write(p, next->bytes);
    next->expires_ms = places_lapse_ms(p);
    return true;
}

static bool take_place(struct state_op *op, int64_t now_ms, struct slice current, struct kv_value *next)
{
    struct places p;
    int64_t lapses_ms = now_ms + STATE_LEASE_MS;
    places_read(current, now_ms, &p);
    op->over = op->kind == STATE_ENTER && !places_enter(&p, state_holder(), op->most, lapses_ms);
    if (op->kind == STATE_RENEW)
        places_renew(&p, state_holder(), lapses_ms);
    if (op->kind == STATE_LEAVE)
        places_leave(&p, state_holder());
    op->retry_us = 0;
    op->used = places_total(&p);
    return !op->over && op->kind != STATE_PLACES && rows_write(&p, next);
}

static bool apply(void *ctx, struct slice current, struct kv_value *next)
{
    struct step *s = ctx;
    switch (s->op->kind) {
    case STATE_COUNT:
    case STATE_LOOK:
        return count(s->op, s->now_ms * 1000, current, next);
    case STATE_SET:
        return set(s->op, s->now_ms * 1000, next);
    case STATE_ENTER:
    case STATE_RENEW:
    case STATE_LEAVE:
    case STATE_PLACES:
        return take_place(s->op, s->now_ms, current, next);
    case STATE_FORGET:
        break;
    }
    return true; /* next is empty: the entry goes */
}

static enum state_result local_run(struct state *state, struct state_batch *batch)
{
    struct state_local *l = (struct state_local *)state;
    struct kv_change changes[STATE_BATCH_MAX];
    struct step steps[STATE_BATCH_MAX];
    int64_t now_ms = clock_unix_ms();
    size_t n = batch->count < STATE_BATCH_MAX ? batch->count : STATE_BATCH_MAX;
    for (size_t i = 0; i < n; i++) {
        steps[i] = (struct step){&batch->ops[i], now_ms};
        changes[i] = (struct kv_change){batch->ops[i].key, apply, &steps[i]};
    }
    return kv_update_all(l->kv, changes, n, now_ms) ? STATE_DONE : STATE_FAILED;
}

static void local_cancel(struct state *state, struct state_batch *batch)
{
}

struct listing {
    state_each_fn fn;
    void *ctx;
    int64_t now_ms;
};

static void list_entry(void *ctx, struct slice key, struct slice value, int64_t expires_ms)
{
    const struct listing *l = ctx;
    struct state_entry entry = {.key = key};
    struct places p;
    places_read(value.len == STAMP_BYTES ? SLICE("") : value, l->now_ms, &p);
    entry.places = places_total(&p);
    if (value.len == STAMP_BYTES && stamp_read(value) > l->now_ms * 1000)
        entry.ahead_us = stamp_read(value) - l->now_ms * 1000;
    l->fn(l->ctx, &entry);
}

static bool local_each(struct state *state, struct slice prefix, state_each_fn fn, void *ctx)
{
    struct listing listing = {fn, ctx, clock_unix_ms()};
    kv_each(((struct state_local *)state)->kv, prefix, listing.now_ms, list_entry, &listing);
    return true;
}

static void local_tick(struct state *state, int64_t now_ms)
{
    kv_sweep(((struct state_local *)state)->kv, now_ms, SWEEP_MAX);
}

static void local_free(struct state *state)
{
    struct state_local *l = (struct state_local *)state;
    kv_close(&l->kv);
    mem_free(l);
}

static const struct state_class local_class = {local_run, local_cancel, local_each, local_tick, local_free};

struct state *state_local_new(struct kv *kv)
{
    struct state_local *l = mem_alloc(sizeof *l);
    l->state.class = &local_class;
    l->kv = kv;
    return &l->state;
}
