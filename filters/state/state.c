/* state: see state.h. What all stores have in common: leases and their renewal. */
#include "filters/state/state.h"

#include <sys/random.h>
#include <unistd.h>

enum state_result state_run(struct state *state, struct state_batch *batch)
{
    batch->pending = NULL;
    batch->local = false;
    return state->class->run(state, batch);
}

void state_cancel(struct state *state, struct state_batch *batch)
{
    if (batch->pending)
        state->class->cancel(state, batch);
    batch->pending = NULL;
}

bool state_each(struct state *state, struct slice prefix, state_each_fn fn, void *ctx)
{
    return state->class->each(state, prefix, fn, ctx);
}

void state_hold(struct state *state, struct state_lease *lease)
{
    lease->link = &state->leases;
    lease->next = state->leases;
    if (lease->next)
        lease->next->link = &lease->next;
    state->leases = lease;
}

/** Nobody waits for the answer: a place that could not be renewed or given back comes free by itself. */
static void tell(struct state *state, struct state_op *ops, size_t count, bool local)
{
    struct state_batch batch = {.ops = ops, .count = count, .local = local};
    if (count > 0)
        state->class->run(state, &batch);
}

void state_release(struct state *state, struct state_lease *lease)
{
    if (!lease->link)
        return;
    *lease->link = lease->next;
    if (lease->next)
        lease->next->link = lease->link;
    lease->link = NULL;
    struct state_op leave = {.kind = STATE_LEAVE, .key = lease->key, .ticket = lease->ticket};
    tell(state, &leave, 1, lease->local);
}

static void renew(struct state *state, bool local)
{
    struct state_op ops[STATE_BATCH_MAX];
    size_t count = 0;
    for (struct state_lease *l = state->leases; l; l = l->next) {
        if (l->local != local)
            continue;
        ops[count++] = (struct state_op){.kind = STATE_RENEW, .key = l->key, .ticket = l->ticket};
        if (count < STATE_BATCH_MAX)
            continue;
        tell(state, ops, count, local);
        count = 0;
    }
    tell(state, ops, count, local);
}

void state_tick(struct state *state, int64_t now_ms)
{
    state->class->tick(state, now_ms);
    if (now_ms >= state->renewed_ms && now_ms < state->renewed_ms + STATE_RENEW_MS)
        return;
    state->renewed_ms = now_ms;
    renew(state, false);
    renew(state, true);
}

void state_free(struct state **state)
{
    if (*state)
        (*state)->class->free(*state);
    *state = NULL;
}

uint64_t state_holder(void)
{
    static uint64_t holder;
    static pid_t owner;
    if (owner == getpid())
        return holder;
    owner = getpid();
    if (getrandom(&holder, sizeof holder, 0) != (ssize_t)sizeof holder)
        holder = (uint64_t)owner;
    return holder;
}
