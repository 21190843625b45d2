/* rate_limit_filter: counts what the limits ask for, each at its phase, and publishes which are over.
 *
 * Everything due in a phase goes to the state store as one batch, and everything known is published at once: if the store fails, none of
 * the batch's facts is known and mail flows as on_error says. What could not be counted when it was due is tried again in the
 * next phase. Refusals and failed authentications are counted when they happen; their limits are looked at in every
 * phase. */
#include "filters/filter.h"
#include "filters/rate_limit/rate_limit_key.h"

extern const struct filter rate_limit_filter;

static const struct fact_def fact_defs[RATE_FACT_COUNT] = {
    [RATE_FACT] = {"rate", FACT_WORD, STAGE_CONNECT, FACT_RECIPIENT, rate_limit_words,
                   "Whether any rate limit counted so far is over for this client, message or recipient."},
    [RATE_FACT_LIMIT] = {"rate.limit", FACT_TEXT, STAGE_CONNECT, FACT_RECIPIENT, NULL, "The first limit that is over; absent if none is."},
    [RATE_FACT_RETRY_AFTER] = {"rate.retry_after", FACT_NUMBER, STAGE_CONNECT, FACT_RECIPIENT, NULL,
                               "Seconds until no limit will be over; absent if none is, or if nobody can know."},
};

struct finding {
    bool known; /* measured, and still good */
    bool applies;
    bool over;
    int64_t used, retry_us;
};

struct session_state {
    struct finding *findings;  /* one a limit */
    struct state_lease **held; /* one a limit; NULL: no place is held */
    struct state_op *ops;      /* of the batch under way */
    size_t *limits;            /* to which limit each belongs */
    size_t *offsets;           /* where each key begins in keys; one more for the end */
    struct buf keys;
    struct state_batch batch;
    enum stage stage; /* at which it is measured */
    struct filter_ctx *ctx;
};

static const struct rate_limit *limits_of(const struct filter_ctx *ctx, size_t *count)
{
    const struct rate_limit_config *config = ctx->config;
    *count = config->limits.count;
    return config->limits.items;
}

static void on_counted(void *arg, enum state_result result);

/** Memory for all limits, once a session. */
static struct session_state *prepare(struct filter_ctx *ctx)
{
    struct session_state *s = ctx->session_state;
    struct arena *arena = ctx->session->arena;
    size_t n;
    limits_of(ctx, &n);
    if (s->ctx)
        return s;
    s->ctx = ctx;
    s->findings = arena_alloc(arena, n * sizeof *s->findings);
    s->held = arena_alloc(arena, n * sizeof *s->held);
    s->ops = arena_alloc(arena, n * sizeof *s->ops);
    s->limits = arena_alloc(arena, n * sizeof *s->limits);
    s->offsets = arena_alloc(arena, (n + 1) * sizeof *s->offsets);
    return s;
}

/** Adds an operation for one limit, unless the limit does not apply or is unlimited. */
static void add_op(struct session_state *s, const struct rate_limit *limit, size_t index, enum state_op_kind kind, int64_t cost)
{
    struct fact_value values[RATE_PARTS_MAX];
    struct state_batch *b = &s->batch;
    size_t start = s->keys.len;
    rate_limit_values(limit, s->ctx->facts, values);
    struct rate_terms terms = rate_limit_terms(limit, values);
    if (!rate_limit_key(limit, values, &s->keys) || terms.unlimited) {
        s->keys.len = start;
        return;
    }
    s->offsets[b->count] = start;
    s->limits[b->count] = index;
    s->ops[b->count++] = (struct state_op){.kind = kind, .limit = *terms.gcra, .cost = cost, .most = terms.max};
    s->offsets[b->count] = s->keys.len;
}

/** Keys may have moved while they were collected: now they stay. */
static void place_keys(struct session_state *s)
{
    for (size_t i = 0; i < s->batch.count; i++)
        s->ops[i].key = slice_make(s->keys.ptr + s->offsets[i], s->offsets[i + 1] - s->offsets[i]);
}

static void forget_batch(struct session_state *s)
{
    for (size_t i = 0; i < s->batch.count; i++)
        s->findings[s->limits[i]].known = false;
}

/** The chain has lost patience, or the session has gone. */
static void drop_batch(struct session_state *s)
{
    if (!s->batch.pending)
        return;
    state_cancel(s->ctx->state, &s->batch);
    forget_batch(s);
}

static void begin_batch(struct session_state *s)
{
    drop_batch(s);
    buf_clear(&s->keys);
    s->batch = (struct state_batch){.ops = s->ops, .done = on_counted, .ctx = s};
}

static enum state_op_kind kind_of(const struct rate_limit *limit)
{
    if (limit->unit == RATE_SESSIONS)
        return STATE_ENTER;
    return rate_unit_looks((enum rate_unit)limit->unit) ? STATE_LOOK : STATE_COUNT;
}

static int64_t cost_of(const struct filter_ctx *ctx, const struct rate_limit *limit)
{
    const struct rate_limit_config *config = ctx->config;
    int64_t cost = rate_limit_cost(limit, ctx->facts), size = 1, total;
    if (limit->unit == RATE_BYTES)
        size = facts_get(ctx->facts, config->size_fact)->number;
    return __builtin_mul_overflow(cost, size, &total) ? INT64_MAX : total;
}

static bool is_due(const struct rate_limit *limit, const struct finding *finding, enum stage stage)
{
    if (rate_unit_looks((enum rate_unit)limit->unit))
        return stage >= limit->since && stage <= STAGE_RCPT;
    return !finding->known && stage >= limit->since;
}

static void collect(struct session_state *s, enum stage stage)
{
    static uint64_t tickets;
    size_t n;
    const struct rate_limit *limits = limits_of(s->ctx, &n);
    for (size_t i = 0; i < n; i++) {
        if (!is_due(&limits[i], &s->findings[i], stage))
            continue;
        size_t before = s->batch.count;
        s->findings[i] = (struct finding){.known = true};
        add_op(s, &limits[i], i, kind_of(&limits[i]), limits[i].unit == RATE_SESSIONS ? 0 : cost_of(s->ctx, &limits[i]));
        if (s->batch.count > before)
            s->ops[before].ticket = ++tickets;
    }
    place_keys(s);
}

/** A place was taken: it is renewed from now on, until the session ends. */
static void hold(struct session_state *s, size_t limit, const struct state_op *op)
{
    struct arena *arena = s->ctx->session->arena;
    struct state_lease *lease = arena_alloc(arena, sizeof *lease);
    *lease = (struct state_lease){.key = arena_copy(arena, op->key), .ticket = op->ticket, .local = s->batch.local};
    s->held[limit] = lease;
    state_hold(s->ctx->state, lease);
}

static void take_results(struct session_state *s)
{
    for (size_t i = 0; i < s->batch.count; i++) {
        const struct state_op *op = &s->ops[i];
        s->findings[s->limits[i]] = (struct finding){true, true, op->over, op->used, op->retry_us};
        if (op->kind == STATE_ENTER && !op->over)
            hold(s, s->limits[i], op);
    }
}

static int64_t seconds(int64_t us)
{
    return (us + 999999) / 1000000;
}

static void publish_limit(struct filter_ctx *ctx, const struct rate_limit *limit, const struct finding *f)
{
    filter_fact_word(ctx, limit->fact + RATE_LIMIT_FINDING, rate_limit_words[f->over]);
    filter_fact_number(ctx, limit->fact + RATE_LIMIT_USED, f->used);
    if (f->over && f->retry_us > 0)
        filter_fact_number(ctx, limit->fact + RATE_LIMIT_WAIT, seconds(f->retry_us));
    else
        facts_clear(ctx->facts, ctx->fact_base + limit->fact + RATE_LIMIT_WAIT);
}

static void publish_sum(struct filter_ctx *ctx, const struct rate_limit *first, int64_t longest_us)
{
    facts_clear(ctx->facts, ctx->fact_base + RATE_FACT_LIMIT);
    facts_clear(ctx->facts, ctx->fact_base + RATE_FACT_RETRY_AFTER);
    filter_fact_word(ctx, RATE_FACT, rate_limit_words[first != NULL]);
    if (first)
        filter_fact_text(ctx, RATE_FACT_LIMIT, slice_of(first->name));
    if (longest_us > 0)
        filter_fact_number(ctx, RATE_FACT_RETRY_AFTER, seconds(longest_us));
}

/** What was found about a recipient is kept with it, so at the end of the message only what is counted there is told. */
static bool is_told(const struct rate_limit *limit, const struct finding *finding, enum stage stage)
{
    return finding->known && finding->applies && (stage < STAGE_DATA || limit->since == STAGE_DATA);
}

static void publish(struct filter_ctx *ctx, const struct finding *findings, enum stage stage)
{
    size_t n;
    const struct rate_limit *limits = limits_of(ctx, &n), *first = NULL;
    int64_t longest_us = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_told(&limits[i], &findings[i], stage))
            continue;
        publish_limit(ctx, &limits[i], &findings[i]);
        if (!findings[i].over)
            continue;
        if (!first)
            first = &limits[i];
        if (findings[i].retry_us > longest_us)
            longest_us = findings[i].retry_us;
    }
    if (stage < STAGE_DATA || first)
        publish_sum(ctx, first, longest_us);
}

static void finish(struct session_state *s, enum state_result result)
{
    if (result == STATE_DONE) {
        take_results(s);
        publish(s->ctx, s->findings, s->stage);
        return;
    }
    forget_batch(s);
    if (result == STATE_CLOSED)
        filter_defer(s->ctx, "state store unavailable");
    else
        filter_fail(s->ctx, "state store unavailable");
}

static void on_counted(void *arg, enum state_result result)
{
    struct session_state *s = arg;
    finish(s, result);
    filter_resume(s->ctx);
}

/** What is due now is counted; then everything known is published. */
static enum filter_status measure(struct filter_ctx *ctx, enum stage stage)
{
    struct session_state *s = prepare(ctx);
    begin_batch(s);
    s->stage = stage;
    collect(s, stage);
    enum state_result result = STATE_DONE;
    if (s->batch.count > 0)
        result = ctx->state ? state_run(ctx->state, &s->batch) : STATE_FAILED;
    if (result == STATE_PENDING)
        return FILTER_WAIT;
    finish(s, result);
    return FILTER_DONE;
}

/** What was found about an earlier message or recipient holds no more. */
static void forget(struct filter_ctx *ctx, bool message)
{
    struct session_state *s = prepare(ctx);
    size_t n;
    const struct rate_limit *limits = limits_of(ctx, &n);
    for (size_t i = 0; i < n; i++)
        if (limits[i].unit == RATE_RECIPIENTS || (message && (limits[i].unit == RATE_MESSAGES || limits[i].unit == RATE_BYTES)))
            s->findings[i].known = false;
}

static enum filter_status on_connect(struct filter_ctx *ctx)
{
    return measure(ctx, STAGE_CONNECT);
}

static enum filter_status on_helo(struct filter_ctx *ctx)
{
    return measure(ctx, STAGE_HELO);
}

static enum filter_status on_mail(struct filter_ctx *ctx)
{
    forget(ctx, true);
    return measure(ctx, STAGE_MAIL);
}

static enum filter_status on_rcpt(struct filter_ctx *ctx)
{
    forget(ctx, false);
    return measure(ctx, STAGE_RCPT);
}

static enum filter_status on_eom(struct filter_ctx *ctx)
{
    return measure(ctx, STAGE_DATA);
}

/** Nobody waits for the result: the next phase looks. */
static void on_event(struct filter_ctx *ctx, enum filter_event event)
{
    enum rate_unit unit = event == FILTER_RCPT_REFUSED ? RATE_REFUSED_RECIPIENTS : RATE_AUTH_FAILURES;
    struct session_state *s = prepare(ctx);
    size_t n;
    const struct rate_limit *limits = limits_of(ctx, &n);
    begin_batch(s);
    s->batch.done = NULL;
    for (size_t i = 0; i < n; i++)
        if (limits[i].unit == (int)unit)
            add_op(s, &limits[i], i, STATE_COUNT, cost_of(ctx, &limits[i]));
    place_keys(s);
    if (s->batch.count > 0 && ctx->state)
        state_run(ctx->state, &s->batch);
}

static void on_abort(struct filter_ctx *ctx)
{
    struct session_state *s = ctx->session_state;
    drop_batch(s);
}

static void on_close(struct filter_ctx *ctx)
{
    struct session_state *s = ctx->session_state;
    size_t n;
    limits_of(ctx, &n);
    on_abort(ctx);
    for (size_t i = 0; s->ctx && i < n; i++)
        if (s->held[i])
            state_release(ctx->state, s->held[i]);
    buf_release(&s->keys);
}

const struct filter rate_limit_filter = {
    .api_version = FILTER_API_VERSION,
    .name = "rate_limit",
    .doc = "Limits how many recipients, messages, bytes, connections and so on come in a time from a client, a network, a sender, to a "
           "recipient and so on, and how many sessions are open at once.",
    .after = "iprev spf dkim dmarc arc",
    .options = rate_limit_options,
    .config_size = sizeof(struct rate_limit_config),
    .session_size = sizeof(struct session_state),
    .facts = fact_defs,
    .fact_count = RATE_FACT_COUNT,
    .configure = rate_limit_configure,
    .connect = on_connect,
    .helo = on_helo,
    .mail = on_mail,
    .rcpt = on_rcpt,
    .eom = on_eom,
    .event = on_event,
    .abort = on_abort,
    .close = on_close,
};
