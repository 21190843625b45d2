/* Proves filters/state/gcra.c. */
#include "filters/state/gcra.h"

#include "tests/unit/unit.h"

static const int64_t second = 1000000, start = INT64_C(1790000000) * 1000000;

START_TEST(a_burst_passes_at_once_and_then_one_an_interval)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(6, 60000, 3, &limit));
    ck_assert_int_eq(gcra_step_us(&limit, 1), 10 * second);
    int64_t tat = 0;
    for (int i = 0; i < 3; i++) {
        struct gcra_result r = gcra_check(&limit, tat, start, 1);
        ck_assert(r.allowed && r.retry_us == 0);
        ck_assert_int_eq(gcra_used(&limit, r.ahead_us), i + 1);
        tat = r.tat_us;
    }
    struct gcra_result over = gcra_check(&limit, tat, start, 1);
    ck_assert(!over.allowed);
    ck_assert_int_ge(over.retry_us, 10 * second - 3);
    ck_assert_int_le(over.retry_us, 10 * second);
    ck_assert(!gcra_check(&limit, tat, start + over.retry_us - 1, 1).allowed);
    ck_assert(gcra_check(&limit, tat, start + over.retry_us, 1).allowed);
}
END_TEST

START_TEST(events_over_the_limit_do_not_prolong_the_wait)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(1, 60000, 1, &limit));
    int64_t tat = gcra_check(&limit, 0, start, 1).tat_us;
    for (int i = 1; i < 60; i++) {
        struct gcra_result r = gcra_check(&limit, tat, start + i * second, 1);
        ck_assert(!r.allowed);
        ck_assert_int_eq(r.tat_us, tat);
        ck_assert_int_eq(r.retry_us, (60 - i) * second - 1);
    }
    ck_assert(gcra_check(&limit, tat, start + 60 * second, 1).allowed);
}
END_TEST

START_TEST(an_event_of_cost_n_is_n_events)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(10, 10000, 10, &limit));
    struct gcra_result r = gcra_check(&limit, 0, start, 7);
    ck_assert(r.allowed);
    ck_assert_int_eq(gcra_used(&limit, r.ahead_us), 7);
    struct gcra_result more = gcra_check(&limit, r.tat_us, start, 4);
    ck_assert(!more.allowed);
    ck_assert_int_eq(gcra_used(&limit, more.ahead_us), 7);
    ck_assert_int_le(more.retry_us, second);
    ck_assert(gcra_check(&limit, r.tat_us, start, 3).allowed);
    ck_assert(gcra_check(&limit, r.tat_us, start + second, 4).allowed);
}
END_TEST

START_TEST(a_cost_of_none_looks_and_changes_nothing)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(2, 10000, 2, &limit));
    int64_t tat = gcra_check(&limit, 0, start, 2).tat_us;
    struct gcra_result r = gcra_check(&limit, tat, start, 0);
    ck_assert(r.allowed);
    ck_assert_int_eq(r.tat_us, tat);
    ck_assert_int_eq(gcra_used(&limit, r.ahead_us), 2);
}
END_TEST

START_TEST(an_event_larger_than_the_burst_passes_only_an_empty_bucket_and_fills_it)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(1000, 1000, 100, &limit));
    struct gcra_result r = gcra_check(&limit, 0, start, INT64_MAX);
    ck_assert(r.allowed);
    ck_assert_int_eq(gcra_used(&limit, r.ahead_us), 100);
    ck_assert(!gcra_check(&limit, r.tat_us, start, 1000).allowed);
    ck_assert(!gcra_check(&limit, r.tat_us, start + 99000, 1000).allowed);
    ck_assert(gcra_check(&limit, r.tat_us, start + 101000, 1000).allowed);
}
END_TEST

START_TEST(a_clock_set_back_locks_nobody_out)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(10, 60000, 10, &limit));
    int64_t year = INT64_C(365) * 86400 * second;
    struct gcra_result r = gcra_check(&limit, start + year, start, 1);
    ck_assert(!r.allowed);
    ck_assert_int_eq(r.tat_us, start + limit.tolerance_us);
    ck_assert_int_eq(r.retry_us, 6 * second);
    ck_assert(gcra_check(&limit, r.tat_us, start + 6 * second, 1).allowed);
}
END_TEST

START_TEST(limits_out_of_range_are_refused)
{
    struct gcra_limit limit;
    ck_assert(!gcra_limit_make(0, 1000, 1, &limit));
    ck_assert(!gcra_limit_make(1, 0, 1, &limit));
    ck_assert(!gcra_limit_make(1, 1000, 0, &limit));
    ck_assert(!gcra_limit_make(1, INT64_MAX, 1, &limit));
    ck_assert(!gcra_limit_make(1, INT64_C(86400000) * 366, 11, &limit));
    ck_assert(!gcra_limit_make(1, 1000, INT64_MAX, &limit));
    ck_assert(gcra_limit_make(INT64_MAX, 1000, INT64_MAX, &limit));
}
END_TEST

/* What passes over a long time, and what passes at once. */
static void obey(int64_t count, int64_t period_ms, int64_t burst, double strictest)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(count, period_ms, burst, &limit));
    int64_t tat = 0, passed = 0, at_once = 0, periods = 3;
    for (struct gcra_result r; (r = gcra_check(&limit, tat, start, 1)).allowed; at_once++)
        tat = r.tat_us;
    ck_assert_int_le(at_once, burst);
    ck_assert_double_ge((double)at_once, (double)burst * strictest);
    for (int64_t now = start; now < start + periods * period_ms * 1000; now += 1 + limit.period_us / count / 3) {
        struct gcra_result r = gcra_check(&limit, tat, now, 1);
        passed += r.allowed;
        tat = r.tat_us;
    }
    ck_assert_int_le(passed, periods * count);
    ck_assert_double_ge((double)passed, (double)(periods * count) * strictest - 1);
}

START_TEST(neither_rounding_nor_high_rates_loosen_a_limit)
{
    obey(7, 60000, 7, 1.0);
    obey(7, 1000, 3, 1.0);
    obey(7001, 1000, 7001, 0.99);
    obey(300000, 1000, 1000, 0.8);
}
END_TEST

START_TEST(bytes_by_the_gigabyte_are_counted_truly)
{
    struct gcra_limit limit;
    const int64_t gib = INT64_C(1) << 30, size = 40000;
    ck_assert(gcra_limit_make(10 * gib, 3600000, gib, &limit));
    int64_t tat = 0, passed = 0;
    for (struct gcra_result r; (r = gcra_check(&limit, tat, start, size)).allowed; passed += size)
        tat = r.tat_us;
    ck_assert_int_le(passed, gib + gib / 500);
    ck_assert_int_ge(passed, gib - gib / 50);
}
END_TEST

UNIT_MAIN("filters/state/gcra", a_burst_passes_at_once_and_then_one_an_interval, events_over_the_limit_do_not_prolong_the_wait,
          an_event_of_cost_n_is_n_events, a_cost_of_none_looks_and_changes_nothing,
          an_event_larger_than_the_burst_passes_only_an_empty_bucket_and_fills_it, a_clock_set_back_locks_nobody_out,
          limits_out_of_range_are_refused, neither_rounding_nor_high_rates_loosen_a_limit, bytes_by_the_gigabyte_are_counted_truly)
