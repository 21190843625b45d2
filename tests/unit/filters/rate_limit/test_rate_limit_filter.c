/* Proves filters/rate_limit/rate_limit_filter.c and rate_limit_config.c, over a small store of its own. */
#include "filters/rate_limit/rate_limit.h"

#include "base/buf.h"
#include "base/config/conf_node.h"
#include "filters/filter.h"
#include "tests/unit/unit.h"

extern const struct filter rate_limit_filter;

/* A store of a few entries in memory; it fails from the (fail_after + 1)-th update on. */
enum { ENTRIES = 64 };
struct kv {
    struct buf keys[ENTRIES];
    struct kv_value values[ENTRIES];
    size_t count;
    int fail_after, updates;
};

bool kv_update(struct kv *kv, struct slice key, int64_t now_ms, kv_update_fn fn, void *ctx)
{
    if (kv->fail_after >= 0 && kv->updates >= kv->fail_after)
        return false;
    kv->updates++;
    size_t i = 0;
    while (i < kv->count && !slice_eq(buf_slice(&kv->keys[i]), key))
        i++;
    struct slice current = slice_make(kv->values[i].bytes, i < kv->count && kv->values[i].expires_ms > now_ms ? kv->values[i].len : 0);
    struct kv_value next = {.len = 0};
    if (!fn(ctx, current, &next))
        return true;
    if (i == kv->count) {
        ck_assert_uint_lt(kv->count, ENTRIES);
        buf_add(&kv->keys[kv->count++], key);
    }
    ck_assert_int_gt(next.expires_ms, now_ms);
    kv->values[i] = next;
    return true;
}

static const char *failure;

static void host_resume(struct filter_ctx *ctx)
{
    ck_abort_msg("the rate limit never waits");
}

static void host_fail(struct filter_ctx *ctx, const char *why)
{
    failure = why;
}

static const struct filter_host host = {host_resume, host_fail};

struct world {
    struct arena *arena;
    struct conf_errors errors;
    struct fact_schema *schema;
    struct facts facts;
    struct mail_session session;
    struct mail_transaction tx;
    struct kv kv;
    struct filter_ctx ctx;
};

static void configure(struct world *w, const char *yaml)
{
    *w = (struct world){.arena = arena_new(), .kv = {.fail_after = -1}};
    conf_errors_init(&w->errors, w->arena);
    w->schema = fact_schema_new(w->arena);
    const struct conf_node *node = conf_read_text(slice_of(yaml), "t.yaml", w->arena, &w->errors);
    struct filter_setup setup = {.config = arena_alloc(w->arena, rate_limit_filter.config_size),
                                 .node = node,
                                 .arena = w->arena,
                                 .schema = w->schema,
                                 .errors = &w->errors,
                                 .fact_base = 1};
    static const struct fact_def other = {"other", FACT_NUMBER, STAGE_MAIL, FACT_SESSION, NULL, ""};
    fact_schema_add(w->schema, &other);
    for (size_t i = 0; i < rate_limit_filter.fact_count; i++)
        fact_schema_add(w->schema, &rate_limit_filter.facts[i]);
    options_load(rate_limit_filter.options, rate_limit_filter.config_size, node, setup.config, w->arena, &w->errors);
    rate_limit_filter.configure(&setup);
    w->ctx = (struct filter_ctx){.host = &host,
                                 .filter = &rate_limit_filter,
                                 .config = setup.config,
                                 .session = &w->session,
                                 .tx = &w->tx,
                                 .facts = &w->facts,
                                 .state = &w->kv,
                                 .fact_base = 1};
}

static struct mail_path path(struct arena *arena, const char *text)
{
    struct slice s = slice_of(arena_string(arena, slice_of(text)));
    ptrdiff_t at = slice_last_index(s, '@');
    return (struct mail_path){.null = s.len == 0,
                              .local = at < 0 ? s : slice_first(s, (size_t)at),
                              .domain = at < 0 ? SLICE("") : slice_skip(s, (size_t)at + 1),
                              .text = s,
                              .params = SLICE("")};
}

static void begin(struct world *w, const char *ip, const char *sender)
{
    if (!w->facts.values)
        facts_init(&w->facts, w->schema, w->arena);
    ck_assert(net_addr_parse_ip(slice_of(ip), &w->session.client));
    w->session.helo = SLICE("h.example");
    w->session.auth_user = SLICE("");
    w->tx = (struct mail_transaction){.sender = path(w->arena, sender), .arena = w->arena};
    w->ctx.tx_state = arena_alloc(w->arena, rate_limit_filter.tx_size);
}

static void rcpt(struct world *w, const char *to)
{
    failure = NULL;
    facts_clear_scope(&w->facts, FACT_RECIPIENT);
    w->tx.rcpt = path(w->arena, to);
    ck_assert_int_eq(rate_limit_filter.rcpt(&w->ctx), FILTER_DONE);
}

static const char *fact(struct world *w, const char *name)
{
    int id = fact_schema_find(w->schema, slice_of(name));
    ck_assert_msg(id >= 0, "no fact %s", name);
    if (!facts_get(&w->facts, id)->present)
        return "(absent)";
    return arena_string(w->arena, facts_to_text(&w->facts, id, w->arena));
}

static void finish(struct world *w)
{
    for (size_t i = 0; i < w->kv.count; i++)
        buf_release(&w->kv.keys[i]);
    arena_free(&w->arena);
}

static void must_be_good(struct world *w)
{
    ck_assert_msg(w->errors.errors + w->errors.warnings == 0, "%s", w->errors.first ? w->errors.first->text : "");
}

START_TEST(a_rate_alone_limits_each_client)
{
    struct world w;
    configure(&w, "limits: {per_client: 2/1h}");
    must_be_good(&w);
    begin(&w, "192.0.2.1", "a@a.example");
    for (int i = 0; i < 2; i++) {
        rcpt(&w, "x@x.example");
        ck_assert_str_eq(fact(&w, "rate"), "ok");
        ck_assert_str_eq(fact(&w, "rate.per_client"), "ok");
        ck_assert_str_eq(fact(&w, "rate.limit"), "(absent)");
        ck_assert_str_eq(fact(&w, "rate.retry_after"), "(absent)");
    }
    rcpt(&w, "x@x.example");
    ck_assert_str_eq(fact(&w, "rate"), "over");
    ck_assert_str_eq(fact(&w, "rate.per_client"), "over");
    ck_assert_str_eq(fact(&w, "rate.limit"), "per_client");
    int wait = atoi(fact(&w, "rate.retry_after"));
    ck_assert_int_le(wait, 1800);
    ck_assert_int_ge(wait, 1700);
    begin(&w, "192.0.2.2", "a@a.example");
    rcpt(&w, "x@x.example");
    ck_assert_str_eq(fact(&w, "rate"), "ok");
    finish(&w);
}
END_TEST

START_TEST(a_network_shares_one_bucket)
{
    struct world w;
    configure(&w, "limits: {n: {rate: 1/1h, key: client.net}}");
    must_be_good(&w);
    begin(&w, "192.0.2.1", "a@a.example");
    rcpt(&w, "x@x.example");
    ck_assert_str_eq(fact(&w, "rate.n"), "ok");
    begin(&w, "192.0.2.200", "b@b.example");
    rcpt(&w, "y@y.example");
    ck_assert_str_eq(fact(&w, "rate.n"), "over");
    begin(&w, "192.0.3.1", "b@b.example");
    rcpt(&w, "y@y.example");
    ck_assert_str_eq(fact(&w, "rate.n"), "ok");
    finish(&w);
}
END_TEST

START_TEST(messages_are_counted_at_their_first_recipient_only)
{
    struct world w;
    configure(&w, "limits: {m: {rate: 2/1h, key: sender, unit: messages}}");
    must_be_good(&w);
    for (int message = 0; message < 3; message++) {
        begin(&w, "192.0.2.1", "a@a.example");
        for (int i = 0; i < 5; i++) {
            rcpt(&w, "x@x.example");
            ck_assert_str_eq(fact(&w, "rate.m"), message < 2 ? "ok" : "over");
        }
    }
    ck_assert_int_eq(w.kv.updates, 3);
    finish(&w);
}
END_TEST

START_TEST(limits_count_each_for_itself_and_the_first_over_is_named)
{
    struct world w;
    configure(&w, "limits:\n  big: {rate: 100/1h, key: client.ip}\n  small: {rate: 1/1h, key: rcpt}\n  tiny: {rate: 1/1d, key: rcpt}\n");
    must_be_good(&w);
    begin(&w, "192.0.2.1", "a@a.example");
    rcpt(&w, "x@x.example");
    rcpt(&w, "x@x.example");
    ck_assert_str_eq(fact(&w, "rate.big"), "ok");
    ck_assert_str_eq(fact(&w, "rate.small"), "over");
    ck_assert_str_eq(fact(&w, "rate.tiny"), "over");
    ck_assert_str_eq(fact(&w, "rate.limit"), "small");
    ck_assert_int_gt(atoi(fact(&w, "rate.retry_after")), 3600);
    rcpt(&w, "y@y.example");
    ck_assert_str_eq(fact(&w, "rate"), "ok");
    finish(&w);
}
END_TEST

START_TEST(bounces_are_no_sender)
{
    struct world w;
    configure(&w, "limits: {s: {rate: 1/1h, key: sender}, u: {rate: 1/1h, key: [client.ip, auth.user]}}");
    must_be_good(&w);
    for (int i = 0; i < 3; i++) {
        begin(&w, "192.0.2.1", "");
        rcpt(&w, "x@x.example");
        ck_assert_str_eq(fact(&w, "rate"), "ok");
        ck_assert_str_eq(fact(&w, "rate.s"), "(absent)");
        ck_assert_str_eq(fact(&w, "rate.u"), "(absent)");
    }
    ck_assert_int_eq(w.kv.updates, 0);
    finish(&w);
}
END_TEST

START_TEST(a_failing_store_leaves_every_fact_unknown)
{
    struct world w;
    configure(&w, "limits: {a: 1/1h, b: {rate: 1/1h, key: rcpt}}");
    must_be_good(&w);
    begin(&w, "192.0.2.1", "a@a.example");
    w.kv.fail_after = 1;
    rcpt(&w, "x@x.example");
    ck_assert_str_eq(failure, "state store unavailable");
    ck_assert_str_eq(fact(&w, "rate"), "(absent)");
    ck_assert_str_eq(fact(&w, "rate.a"), "(absent)");
    w.ctx.state = NULL;
    rcpt(&w, "x@x.example");
    ck_assert_str_eq(failure, "state store unavailable");
    w.ctx.state = &w.kv;
    w.kv.fail_after = -1;
    rcpt(&w, "x@x.example");
    ck_assert_ptr_null(failure);
    ck_assert_str_eq(fact(&w, "rate.b"), "ok");
    finish(&w);
}
END_TEST

START_TEST(without_limits_no_store_is_needed)
{
    struct world w;
    configure(&w, "limits: {}");
    must_be_good(&w);
    begin(&w, "192.0.2.1", "a@a.example");
    w.ctx.state = NULL;
    rcpt(&w, "x@x.example");
    ck_assert_ptr_null(failure);
    ck_assert_str_eq(fact(&w, "rate"), "ok");
    finish(&w);
}
END_TEST

START_TEST(a_damaged_entry_counts_as_none)
{
    struct world w;
    configure(&w, "limits: {a: 1/1h}");
    begin(&w, "192.0.2.1", "a@a.example");
    rcpt(&w, "x@x.example");
    w.kv.values[0].len = 3;
    rcpt(&w, "x@x.example");
    ck_assert_str_eq(fact(&w, "rate"), "ok");
    memset(w.kv.values[0].bytes, 0xff, 8);
    rcpt(&w, "x@x.example");
    ck_assert_str_eq(fact(&w, "rate"), "ok");
    finish(&w);
}
END_TEST

static void expect_error(const char *yaml, unsigned line, const char *text)
{
    struct world w;
    configure(&w, yaml);
    const struct conf_error *e = w.errors.first;
    while (e && !strstr(e->text, text))
        e = e->next;
    ck_assert_msg(e, "no error \"%s\" for:\n%s\nfirst: %s", text, yaml, w.errors.first ? w.errors.first->text : "none");
    ck_assert_uint_eq(e->line, line);
    finish(&w);
}

START_TEST(mistakes_in_limits_are_told_where_they_stand)
{
    expect_error("limits:\n  a: {rate: 1/1h, key: [client.ip,\n    sendr]}\n", 3, "did you mean \"sender\"?");
    expect_error("limits:\n  a: {rate: 1/1h, key: [sender, sender]}\n", 2, "stands twice");
    expect_error("limits:\n  a: {rate: 1/1h, key: []}\n", 2, "\"key\" is empty");
    expect_error("limits:\n  limit: 1/1h\n", 2, "is taken");
    expect_error("limits:\n  a b: 1/1h\n", 2, "a limit's name is");
    expect_error("limits:\n  a: {rate: 1/365d, burst: 1000}\n", 2, "further than");
    expect_error("limits:\n  a: {key: sender}\n", 2, "rate");
    expect_error("limits:\n  a: {rate: 1/1h, net4: 99}\n", 2, "net4");
    expect_error("limits:\n  a: {rate: 1/1h, unit: message}\n", 2, "unit");
}
END_TEST

UNIT_MAIN("filters/rate_limit", a_rate_alone_limits_each_client, a_network_shares_one_bucket,
          messages_are_counted_at_their_first_recipient_only, limits_count_each_for_itself_and_the_first_over_is_named,
          bounces_are_no_sender, a_failing_store_leaves_every_fact_unknown, without_limits_no_store_is_needed,
          a_damaged_entry_counts_as_none, mistakes_in_limits_are_told_where_they_stand)
