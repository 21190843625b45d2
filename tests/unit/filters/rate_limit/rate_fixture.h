/* rate_fixture: the filter rate_limit with a schema like the real one, and a store in memory that can be told to fail or to wait.
 *
 * A session: rate_open(YAML), rate_connect, rate_mail, rate_rcpt ..., rate_eom, rate_close. */
#ifndef TESTS_RATE_FIXTURE_H
#define TESTS_RATE_FIXTURE_H

#include "base/buf.h"
#include "base/clock.h"
#include "filters/filter.h"
#include "filters/rate_limit/rate_limit_key.h"
#include "filters/state/places.h"
#include "tests/unit/unit.h"

extern const struct filter rate_limit_filter;

enum { ENTRIES = 64 };
enum store_mode { STORE_WORKS, STORE_FAILS, STORE_IS_CLOSED, STORE_WAITS };

/* The store: buckets and places by key. */
struct store {
    struct state state; /* first */
    enum store_mode mode;
    struct buf keys[ENTRIES];
    int64_t stamps[ENTRIES], places[ENTRIES];
    size_t count, batches, ops;
    struct state_batch *waiting;
};

static struct {
    struct arena *arena;
    struct conf_errors errors;
    struct fact_schema *schema;
    struct policy_lists *lists;
    struct facts facts;
    struct mail_session session;
    struct mail_transaction tx;
    struct store store;
    struct filter_ctx ctx;
    const char *failure;
    bool deferred;
    int resumed;
} rate;

static const char *const rate_spf_words[] = {"pass", "fail", "none", NULL};
static const struct fact_def rate_facts[] = {
    {"client.ip", FACT_ADDRESS, STAGE_CONNECT, FACT_SESSION, NULL, ""},
    {"helo", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, ""},
    {"auth.user", FACT_TEXT, STAGE_MAIL, FACT_SESSION, NULL, ""},
    {"mail_from", FACT_MAILBOX, STAGE_MAIL, FACT_TRANSACTION, NULL, ""},
    {"mail_from.domain", FACT_DOMAIN, STAGE_MAIL, FACT_TRANSACTION, NULL, ""},
    {"rcpt", FACT_MAILBOX, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"rcpt.domain", FACT_DOMAIN, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"spf", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, rate_spf_words, ""},
    {"size", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
    {"from.domain", FACT_DOMAIN, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
};

static inline void store_do(struct store *s, struct state_op *op)
{
    size_t i = 0;
    int64_t now = clock_unix_ms() * 1000;
    while (i < s->count && !slice_eq(buf_slice(&s->keys[i]), op->key))
        i++;
    if (i == s->count) {
        ck_assert_uint_lt(s->count, ENTRIES);
        buf_add(&s->keys[s->count++], op->key);
    }
    s->ops++;
    op->over = false;
    if (op->kind == STATE_ENTER || op->kind == STATE_LEAVE) {
        op->over = op->kind == STATE_ENTER && s->places[i] >= op->most;
        s->places[i] += op->over ? 0 : op->kind == STATE_ENTER ? 1 : -1;
        op->used = s->places[i];
        return;
    }
    struct gcra_result r = gcra_check(&op->limit, s->stamps[i], now, op->cost);
    op->over = !r.allowed;
    op->retry_us = r.retry_us;
    op->used = gcra_used(&op->limit, r.ahead_us - (op->kind == STATE_LOOK && r.allowed ? gcra_step_us(&op->limit, op->cost) : 0));
    if (op->kind == STATE_COUNT)
        s->stamps[i] = r.tat_us;
}

static inline enum state_result store_run(struct state *state, struct state_batch *batch)
{
    struct store *s = (struct store *)state;
    ck_assert_uint_gt(batch->count, 0);
    s->batches++;
    if (s->mode == STORE_FAILS || s->mode == STORE_IS_CLOSED)
        return s->mode == STORE_FAILS ? STATE_FAILED : STATE_CLOSED;
    for (size_t i = 0; i < batch->count; i++)
        store_do(s, &batch->ops[i]);
    if (s->mode == STORE_WORKS)
        return STATE_DONE;
    if (batch->done) {
        ck_assert_ptr_null(s->waiting);
        s->waiting = batch;
        batch->pending = s;
    }
    return STATE_PENDING;
}

static inline void store_cancel(struct state *state, struct state_batch *batch)
{
    struct store *s = (struct store *)state;
    ck_assert_ptr_eq(s->waiting, batch);
    s->waiting = NULL;
}

static const struct state_class store_class = {.run = store_run, .cancel = store_cancel};

/** The answer that the filter waits for comes. */
static inline void store_answer(enum state_result result)
{
    struct state_batch *batch = rate.store.waiting;
    ck_assert_ptr_nonnull(batch);
    rate.store.waiting = NULL;
    batch->pending = NULL;
    batch->done(batch->ctx, result);
}

static inline void rate_resume(struct filter_ctx *ctx)
{
    rate.resumed++;
}

static inline void rate_fail(struct filter_ctx *ctx, const char *why)
{
    rate.failure = why;
}

static inline void rate_defer(struct filter_ctx *ctx, const char *why)
{
    rate.failure = why;
    rate.deferred = true;
}

static const struct filter_host rate_host = {rate_resume, rate_fail, rate_defer};

/** Reads `limits` and `lists` without looking whether they are good. */
static inline void rate_configure(const char *yaml)
{
    memset(&rate, 0, sizeof rate);
    rate.arena = arena_new();
    conf_errors_init(&rate.errors, rate.arena);
    rate.schema = fact_schema_new(rate.arena);
    const struct conf_node *root = conf_read_text(slice_of(yaml), "t.yaml", rate.arena, &rate.errors);
    rate.lists = policy_lists_load(conf_get(root, "lists"), rate.arena, &rate.errors);
    struct filter_setup setup = {.config = arena_alloc(rate.arena, rate_limit_filter.config_size),
                                 .node = conf_get(root, "filter"),
                                 .arena = rate.arena,
                                 .lists = rate.lists,
                                 .schema = rate.schema,
                                 .errors = &rate.errors};
    for (size_t i = 0; i < sizeof rate_facts / sizeof rate_facts[0]; i++)
        fact_schema_add(rate.schema, &rate_facts[i]);
    setup.fact_base = (int)fact_schema_count(rate.schema);
    for (size_t i = 0; i < rate_limit_filter.fact_count; i++)
        fact_schema_add(rate.schema, &rate_limit_filter.facts[i]);
    options_load(rate_limit_filter.options, rate_limit_filter.config_size, setup.node, setup.config, rate.arena, &rate.errors);
    rate_limit_filter.configure(&setup);
    rate.store.state.class = &store_class;
    rate.ctx = (struct filter_ctx){.host = &rate_host,
                                   .filter = &rate_limit_filter,
                                   .config = setup.config,
                                   .session = &rate.session,
                                   .facts = &rate.facts,
                                   .state = &rate.store.state,
                                   .fact_base = setup.fact_base};
}

static inline void rate_open(const char *yaml)
{
    rate_configure(yaml);
    ck_assert_msg(rate.errors.errors + rate.errors.warnings == 0, "%s", rate.errors.first ? rate.errors.first->text : "");
    facts_init(&rate.facts, rate.schema, rate.arena);
}

static inline int rate_id(const char *name)
{
    int id = fact_schema_find(rate.schema, slice_of(name));
    ck_assert_msg(id >= 0, "no fact %s", name);
    return id;
}

static inline void rate_set(const char *name, const char *value)
{
    facts_set_text(&rate.facts, rate_id(name), slice_of(arena_string(rate.arena, slice_of(value))));
}

static inline const char *rate_fact(const char *name)
{
    if (!facts_get(&rate.facts, rate_id(name))->present)
        return "(absent)";
    return arena_string(rate.arena, facts_to_text(&rate.facts, rate_id(name), rate.arena));
}

#define ck_fact(name, value) ck_assert_msg(strcmp(rate_fact(name), value) == 0, "%s is %s, expected %s", name, rate_fact(name), value)

/** Ends a session before, if there is one, and connects. */
static inline enum filter_status rate_connect(const char *ip)
{
    struct net_addr addr;
    if (rate.ctx.session_state)
        rate_limit_filter.close(&rate.ctx);
    ck_assert(net_addr_parse_ip(slice_of(ip), &addr));
    facts_clear_scope(&rate.facts, FACT_SESSION);
    facts_clear_scope(&rate.facts, FACT_TRANSACTION);
    facts_clear_scope(&rate.facts, FACT_RECIPIENT);
    facts_set_address(&rate.facts, rate_id("client.ip"), &addr);
    rate.session = (struct mail_session){.client = addr, .arena = rate.arena};
    rate.ctx.session_state = arena_alloc(rate.arena, rate_limit_filter.session_size);
    rate.failure = NULL;
    return rate_limit_filter.connect(&rate.ctx);
}

static inline enum filter_status rate_mail(const char *sender)
{
    const char *at = strchr(sender, '@');
    facts_clear_scope(&rate.facts, FACT_TRANSACTION);
    facts_clear_scope(&rate.facts, FACT_RECIPIENT);
    rate_set("mail_from", sender);
    if (at)
        rate_set("mail_from.domain", at + 1);
    rate.ctx.tx = &rate.tx;
    rate.failure = NULL;
    return rate_limit_filter.mail(&rate.ctx);
}

static inline enum filter_status rate_rcpt(const char *to)
{
    facts_clear_scope(&rate.facts, FACT_RECIPIENT);
    rate_set("rcpt", to);
    if (strchr(to, '@'))
        rate_set("rcpt.domain", strchr(to, '@') + 1);
    return rate_limit_filter.rcpt(&rate.ctx);
}

static inline enum filter_status rate_eom(int64_t size)
{
    facts_set_number(&rate.facts, rate_id("size"), size);
    return rate_limit_filter.eom(&rate.ctx);
}

static inline void rate_close(void)
{
    if (rate.ctx.session_state)
        rate_limit_filter.close(&rate.ctx);
    for (size_t i = 0; i < rate.store.count; i++)
        buf_release(&rate.store.keys[i]);
    arena_free(&rate.arena);
}

#endif
