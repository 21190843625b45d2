/* state_redis: see state_redis.h. */
#include "filters/state/state_redis.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "filters/state/state_listing.h"

#include <inttypes.h>
#include <string.h>

enum { WORDS_BEFORE = 3, WORDS_PER_OP = 5, RESULTS_PER_OP = 3 };

struct state_redis {
    struct state state; /* first */
    struct state_redis_options options;
    struct slice script;
    struct redis *redis;
    struct event_base *base;
    struct state *local; /* NULL: none */
    bool freeing, told_error;
};

/** A batch under way; outlives it. */
struct request {
    struct state_redis *store;
    struct state_batch *batch; /* NULL: nobody waits any more */
    struct arena *arena;
    struct slice *words;
    size_t word_count, count; /* words; operations */
    bool sent_whole;          /* with the script's text, because the server did not know its SHA-1 */
};

static void on_answer(void *ctx, const struct redis_answer *answer);

static struct slice number_word(struct arena *arena, int64_t n)
{
    return slice_of(arena_format(arena, "%" PRId64, n));
}

static const char *kind_word(enum state_op_kind kind)
{
    static const char *const words[] = {
        [STATE_COUNT] = "count", [STATE_LOOK] = "look",  [STATE_ENTER] = "enter", [STATE_RENEW] = "renew",
        [STATE_LEAVE] = "leave", [STATE_PLACES] = "see", [STATE_SET] = "set",     [STATE_FORGET] = "forget",
    };
    return words[kind];
}

/** kind, a, b, c of the script. */
static void op_words(const struct state_op *op, struct arena *arena, struct slice words[4])
{
    bool bucket = op->kind == STATE_COUNT || op->kind == STATE_LOOK || op->kind == STATE_SET;
    words[0] = slice_of(kind_word(op->kind));
    words[1] = number_word(arena, bucket ? gcra_step_us(&op->limit, op->cost) : op->most);
    words[2] = number_word(arena, bucket ? op->limit.tolerance_us : STATE_LEASE_MS);
    words[3] = bucket ? SLICE("-") : slice_of(arena_format(arena, "%016" PRIx64 "-%" PRIx64, state_holder(), op->ticket));
}

/** EVALSHA sha n key... (kind a b c)... */
static void request_fill(struct request *q, const struct state_batch *batch)
{
    size_t n = q->count = batch->count;
    q->word_count = WORDS_BEFORE + n * WORDS_PER_OP;
    q->words = arena_alloc(q->arena, q->word_count * sizeof *q->words);
    q->words[0] = SLICE("EVALSHA");
    q->words[1] = slice_of(state_script_sha());
    q->words[2] = number_word(q->arena, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        const struct state_op *op = &batch->ops[i];
        q->words[WORDS_BEFORE + i] = slice_of(arena_format(q->arena, "%s%.*s", q->store->options.prefix, SLICE_FMT(op->key)));
        op_words(op, q->arena, &q->words[WORDS_BEFORE + n + 4 * i]);
    }
}

static void request_free(struct request *q)
{
    if (q->batch)
        q->batch->pending = NULL;
    arena_free(&q->arena);
    mem_free(q);
}

/** What becomes of a batch that the server cannot do. */
static enum state_result do_without(struct state_redis *s, struct state_batch *batch)
{
    if (s->options.when_down == STATE_DOWN_CLOSED)
        return STATE_CLOSED;
    if (s->options.when_down == STATE_DOWN_OPEN || !s->local)
        return STATE_FAILED;
    batch->local = true;
    return s->local->class->run(s->local, batch);
}

static void take_results(struct state_batch *batch, const struct redis_answer *answer)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct state_op *op = &batch->ops[i];
        bool places = op->kind == STATE_ENTER || op->kind == STATE_RENEW || op->kind == STATE_LEAVE || op->kind == STATE_PLACES;
        int64_t full = redis_item(answer, i * RESULTS_PER_OP + 1).number;
        op->over = redis_item(answer, i * RESULTS_PER_OP).number != 0;
        op->used = places || op->kind == STATE_FORGET ? full : gcra_used(&op->limit, full);
        op->retry_us = redis_item(answer, i * RESULTS_PER_OP + 2).number;
    }
}

/** Whether it is what the script answers: three numbers for each operation, none beyond the horizon of a limit. */
static bool makes_sense(const struct redis_answer *answer, size_t operations)
{
    static const int64_t most = (int64_t)GCRA_HORIZON_DAYS * 24 * 3600 * 1000000;
    if (answer->kind != REDIS_IS_LIST || answer->count != operations * RESULTS_PER_OP)
        return false;
    for (size_t i = 0; i < answer->count; i++) {
        struct redis_answer item = redis_item(answer, i);
        if (item.kind != REDIS_IS_NUMBER || item.number < 0 || item.number > most)
            return false;
    }
    return true;
}

static bool is_unknown_script(const struct redis_answer *answer)
{
    return answer && answer->kind == REDIS_IS_ERROR && slice_starts(answer->text, SLICE("NOSCRIPT"));
}

/** The server has forgotten the script (SCRIPT FLUSH): once more with its whole text, by which it learns it again. */
static bool send_whole(struct request *q)
{
    if (q->sent_whole)
        return false;
    q->sent_whole = true;
    q->words[0] = SLICE("EVAL");
    q->words[1] = slice_of(state_script);
    return redis_ask(q->store->redis, q->words, q->word_count, on_answer, q);
}

/** Not more than one line until it works again: such as a key of another type, or a server that is a read-only replica. */
static void tell_error(struct state_redis *s, const struct redis_answer *answer)
{
    if (!answer || answer->kind != REDIS_IS_ERROR || s->told_error)
        return;
    s->told_error = true;
    struct log_record r;
    log_begin(&r, LOG_LEVEL_ERROR, "state.redis.error");
    log_slice(&r, "error", slice_first(answer->text, 200));
    log_end(&r);
}

static void on_answer(void *ctx, const struct redis_answer *answer)
{
    struct request *q = ctx;
    struct state_redis *s = q->store;
    struct state_batch *batch = q->batch;
    if (is_unknown_script(answer) && send_whole(q))
        return;
    bool good = answer && makes_sense(answer, q->count);
    if (good)
        s->told_error = false;
    else
        tell_error(s, answer);
    request_free(q);
    if (!batch || s->freeing)
        return;
    enum state_result result = good ? STATE_DONE : do_without(s, batch);
    if (good)
        take_results(batch, answer);
    batch->done(batch->ctx, result);
}

static enum state_result redis_run(struct state *state, struct state_batch *batch)
{
    struct state_redis *s = (struct state_redis *)state;
    if (batch->local)
        return s->local ? s->local->class->run(s->local, batch) : STATE_FAILED;
    struct request *q = mem_alloc(sizeof *q);
    *q = (struct request){.store = s, .arena = arena_new()};
    request_fill(q, batch);
    if (!redis_ask(s->redis, q->words, q->word_count, on_answer, q)) {
        request_free(q);
        return do_without(s, batch);
    }
    if (batch->done) {
        q->batch = batch;
        batch->pending = q;
    }
    return STATE_PENDING;
}

static void redis_cancel(struct state *state, struct state_batch *batch)
{
    struct request *q = batch->pending;
    q->batch = NULL;
}

static bool redis_each(struct state *state, struct slice prefix, state_each_fn fn, void *ctx)
{
    struct state_redis *s = (struct state_redis *)state;
    return state_listing_run(s->base, s->redis, s->options.prefix, prefix, fn, ctx);
}

static void redis_tick(struct state *state, int64_t now_ms)
{
    struct state_redis *s = (struct state_redis *)state;
    if (s->local)
        s->local->class->tick(s->local, now_ms);
}

static void redis_release(struct state *state)
{
    struct state_redis *s = (struct state_redis *)state;
    s->freeing = true;
    redis_free(&s->redis);
    state_free(&s->local);
    mem_free(s);
}

static const struct state_class redis_class = {redis_run, redis_cancel, redis_each, redis_tick, redis_release};

struct state *state_redis_new(struct event_base *base, const struct state_redis_options *options, struct state *local)
{
    struct state_redis *s = mem_alloc(sizeof *s);
    s->state.class = &redis_class;
    s->options = *options;
    s->base = base;
    s->local = local;
    s->script = slice_of(state_script);
    s->options.server.script = &s->script;
    s->redis = redis_new(base, &s->options.server);
    return &s->state;
}
