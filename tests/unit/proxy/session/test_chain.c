#include "proxy/session/chain.h"

#include "base/clock.h"
#include "tests/unit/unit.h"

/* Two filters of the test's own. */
static struct event_base *base;
static unsigned calls, aborts, done_calls;
static bool first_waits, second_waits;
static struct filter_ctx *seen;

static enum filter_status first_eom(struct filter_ctx *ctx)
{
    calls++;
    seen = ctx;
    return first_waits ? FILTER_WAIT : FILTER_DONE;
}

static enum filter_status second_eom(struct filter_ctx *ctx)
{
    calls++;
    seen = ctx;
    return second_waits ? FILTER_WAIT : FILTER_DONE;
}

static unsigned refusals, wrong_logins;

static void on_event(struct filter_ctx *ctx, enum filter_event event)
{
    refusals += event == FILTER_RCPT_REFUSED;
    wrong_logins += event == FILTER_AUTH_FAILED;
}

static void on_abort(struct filter_ctx *ctx)
{
    aborts++;
}

static const struct filter first = {
    .api_version = FILTER_API_VERSION, .name = "first", .eom = first_eom, .event = on_event, .abort = on_abort};
static const struct filter second = {.api_version = FILTER_API_VERSION, .name = "second", .eom = second_eom, .abort = on_abort};

enum { MESSAGE = 40 }; /* queries */

struct world {
    struct arena *arena;
    struct filter_settings filters[2];
    struct settings settings;
    struct chain_tools tools;
    struct mail_session session;
    struct mail_transaction tx;
    struct facts facts;
    struct chain *chain;
};

static void on_done(void *ctx)
{
    done_calls++;
    event_base_loopbreak(base);
}

static void set_up(struct world *w, int64_t first_ms, int64_t second_ms)
{
    *w = (struct world){.arena = arena_new()};
    calls = aborts = done_calls = refusals = wrong_logins = 0;
    first_waits = second_waits = false;
    base = event_base_new();
    w->filters[0] = (struct filter_settings){.filter = &first, .enabled = true, .timeout_ms = first_ms};
    w->filters[1] = (struct filter_settings){.filter = &second, .enabled = true, .timeout_ms = second_ms, .on_error = ON_ERROR_TEMPFAIL};
    w->settings = (struct settings){.filters = w->filters, .filter_count = 2};
    w->tools.base = base;
    w->session.arena = w->tx.arena = w->arena;
    w->chain = chain_new(&w->settings, &w->tools, &w->session, &w->facts, on_done, w);
    chain_begin(w->chain, &w->tx, NULL, dns_map_new(w->arena, MESSAGE));
}

static void tear_down(struct world *w)
{
    chain_close(w->chain);
    event_base_free(base);
    arena_free(&w->arena);
}

START_TEST(filters_that_do_not_wait_finish_at_once)
{
    struct world w;
    set_up(&w, 1000, 1000);
    ck_assert(chain_run(w.chain, CHAIN_EOM));
    ck_assert_uint_eq(calls, 2);
    ck_assert_uint_eq(done_calls, 0);
    tear_down(&w);
}
END_TEST

START_TEST(a_filter_that_resumes_lets_the_next_one_run)
{
    struct world w;
    set_up(&w, 60000, 60000);
    first_waits = true;
    ck_assert(!chain_run(w.chain, CHAIN_EOM));
    ck_assert_uint_eq(calls, 1);
    filter_resume(seen);
    ck_assert_uint_eq(calls, 2);
    ck_assert_uint_eq(done_calls, 1);
    ck_assert_uint_eq(chain_failures(w.chain, w.arena).len, 0);
    tear_down(&w);
}
END_TEST

START_TEST(past_its_timeout_a_filter_has_failed_and_a_late_resume_means_nothing)
{
    struct world w;
    set_up(&w, 10, 60000);
    first_waits = true;
    ck_assert(!chain_run(w.chain, CHAIN_EOM));
    struct filter_ctx *late = seen;
    event_base_dispatch(base);
    ck_assert_uint_eq(done_calls, 1);
    ck_assert_uint_eq(aborts, 1);
    ck_slice_eq(chain_failures(w.chain, w.arena), "first: timeout");
    ck_assert_ptr_null(chain_deferred(w.chain)); /* its on_error is unknown */
    filter_resume(late);
    ck_assert_uint_eq(done_calls, 1);
    tear_down(&w);
}
END_TEST

START_TEST(a_failed_filter_that_must_not_fail_defers)
{
    struct world w;
    set_up(&w, 60000, 10);
    second_waits = true;
    ck_assert(!chain_run(w.chain, CHAIN_EOM));
    event_base_dispatch(base);
    ck_assert_str_eq(chain_deferred(w.chain), "second");
    tear_down(&w);
}
END_TEST

START_TEST(the_waits_of_one_transaction_do_not_add_up)
{
    struct world w;
    set_up(&w, 1500, 1500);
    first_waits = second_waits = true;
    int64_t start = clock_monotonic_us();
    ck_assert(!chain_run(w.chain, CHAIN_EOM));
    event_base_dispatch(base);
    ck_slice_eq(chain_failures(w.chain, w.arena), "first: timeout, second: timeout");
    ck_assert_int_lt(clock_monotonic_us() - start, 2900 * 1000); /* one after the other would take 3 s */
    tear_down(&w);
}
END_TEST

START_TEST(the_next_transaction_starts_afresh)
{
    struct world w;
    set_up(&w, 10, 60000);
    first_waits = true;
    ck_assert(!chain_run(w.chain, CHAIN_EOM));
    event_base_dispatch(base);
    chain_end(w.chain, true);
    first_waits = false;
    chain_begin(w.chain, &w.tx, NULL, dns_map_new(w.arena, MESSAGE));
    ck_assert(chain_run(w.chain, CHAIN_EOM));
    ck_assert_uint_eq(chain_failures(w.chain, w.arena).len, 0);
    tear_down(&w);
}
END_TEST

static enum filter_status ask_at_connect(struct filter_ctx *ctx)
{
    struct dns_view view = {.map = ctx->session_answers};
    for (int i = 0; i < FILTER_SESSION_QUERIES + 4; i++)
        dns_view_find(&view, slice_of(arena_format(ctx->session->arena, "h%d.test", i)), DNS_TYPE_A);
    return FILTER_DONE;
}

static unsigned room_in(struct world *w)
{
    struct dns_map *map = dns_map_new(w->arena, MESSAGE);
    struct dns_view view = {.map = map};
    chain_begin(w->chain, &w->tx, NULL, map);
    for (int i = 0; i < MESSAGE; i++)
        dns_view_find(&view, slice_of(arena_format(w->arena, "m%d.test", i)), DNS_TYPE_A);
    chain_end(w->chain, true);
    return dns_map_spent(map);
}

START_TEST(what_the_session_asks_counts_in_its_first_message)
{
    static const struct filter asks = {.api_version = FILTER_API_VERSION, .name = "asks", .connect = ask_at_connect};
    struct world w;
    set_up(&w, 1000, 1000);
    w.filters[0].filter = &asks;
    w.chain = chain_new(&w.settings, &w.tools, &w.session, &w.facts, on_done, &w);
    chain_run(w.chain, CHAIN_CONNECT);
    ck_assert_uint_eq(dns_map_spent(chain_answers(w.chain)), FILTER_SESSION_QUERIES);
    ck_assert_uint_eq(room_in(&w), MESSAGE - FILTER_SESSION_QUERIES);
    ck_assert_uint_eq(room_in(&w), MESSAGE);
    tear_down(&w);
}
END_TEST

START_TEST(events_reach_the_filters_that_listen)
{
    struct world w;
    set_up(&w, 1000, 1000);
    chain_event(w.chain, FILTER_RCPT_REFUSED);
    chain_event(w.chain, FILTER_AUTH_FAILED);
    chain_event(w.chain, FILTER_RCPT_REFUSED);
    ck_assert_uint_eq(refusals, 2);
    ck_assert_uint_eq(wrong_logins, 1);
    tear_down(&w);
}
END_TEST

START_TEST(a_filter_may_ask_to_defer_whatever_its_on_error_says)
{
    struct world w;
    set_up(&w, 1000, 1000);
    chain_run(w.chain, CHAIN_EOM);
    ck_assert_ptr_eq(seen->filter, &second);
    first_waits = true;
    ck_assert(!chain_run(w.chain, CHAIN_EOM));
    filter_fail(seen, "broken");
    ck_assert_ptr_null(chain_deferred(w.chain));
    filter_defer(seen, "nobody may pass");
    ck_assert_str_eq(chain_deferred(w.chain), "first");
    chain_end(w.chain, false);
    chain_begin(w.chain, &w.tx, NULL, dns_map_new(w.arena, MESSAGE));
    ck_assert_ptr_null(chain_deferred(w.chain));
    tear_down(&w);
}
END_TEST

START_TEST(a_disabled_chain_calls_nobody)
{
    struct world w;
    set_up(&w, 1000, 1000);
    chain_disable(w.chain);
    chain_event(w.chain, FILTER_RCPT_REFUSED);
    ck_assert_uint_eq(refusals, 0);
    ck_assert(chain_run(w.chain, CHAIN_EOM));
    ck_assert_uint_eq(calls, 0);
    tear_down(&w);
}
END_TEST

UNIT_MAIN("proxy/session/chain", filters_that_do_not_wait_finish_at_once, a_filter_that_resumes_lets_the_next_one_run,
          past_its_timeout_a_filter_has_failed_and_a_late_resume_means_nothing, a_failed_filter_that_must_not_fail_defers,
          the_waits_of_one_transaction_do_not_add_up, the_next_transaction_starts_afresh, what_the_session_asks_counts_in_its_first_message,
          events_reach_the_filters_that_listen, a_filter_may_ask_to_defer_whatever_its_on_error_says, a_disabled_chain_calls_nobody)
