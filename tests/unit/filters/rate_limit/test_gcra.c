/* Proves filters/rate_limit/gcra.c. */
#include "filters/rate_limit/gcra.h"

#include "tests/unit/unit.h"

static const int64_t second = 1000000, start = INT64_C(1790000000) * 1000000;

START_TEST(a_burst_passes_at_once_and_then_one_an_interval)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(6, 60000, 3, &limit));
    ck_assert_int_eq(limit.interval_us, 10 * second);
    int64_t tat = 0;
    for (int i = 0; i < 3; i++) {
        struct gcra_result r = gcra_check(&limit, tat, start);
        ck_assert(r.allowed && r.retry_us == 0);
        tat = r.tat_us;
    }
    struct gcra_result over = gcra_check(&limit, tat, start);
    ck_assert(!over.allowed);
    ck_assert_int_eq(over.retry_us, 10 * second);
    ck_assert(!gcra_check(&limit, tat, start + 10 * second - 1).allowed);
    ck_assert(gcra_check(&limit, tat, start + 10 * second).allowed);
}
END_TEST

START_TEST(events_over_the_limit_do_not_prolong_the_wait)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(1, 60000, 1, &limit));
    int64_t tat = gcra_check(&limit, 0, start).tat_us;
    for (int i = 1; i < 60; i++) {
        struct gcra_result r = gcra_check(&limit, tat, start + i * second);
        ck_assert(!r.allowed);
        ck_assert_int_eq(r.tat_us, tat);
        ck_assert_int_eq(r.retry_us, (60 - i) * second);
    }
    ck_assert(gcra_check(&limit, tat, start + 60 * second).allowed);
}
END_TEST

START_TEST(a_clock_set_back_locks_nobody_out)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(10, 60000, 10, &limit));
    int64_t year = INT64_C(365) * 86400 * second;
    struct gcra_result r = gcra_check(&limit, start + year, start);
    ck_assert(!r.allowed);
    ck_assert_int_eq(r.tat_us, start + 60 * second);
    ck_assert_int_eq(r.retry_us, 6 * second);
    ck_assert(gcra_check(&limit, r.tat_us, start + 6 * second).allowed);
}
END_TEST

START_TEST(limits_out_of_range_are_refused_and_rounding_is_strict)
{
    struct gcra_limit limit;
    ck_assert(!gcra_limit_make(0, 1000, 1, &limit));
    ck_assert(!gcra_limit_make(1, 0, 1, &limit));
    ck_assert(!gcra_limit_make(1, 1000, 0, &limit));
    ck_assert(!gcra_limit_make(1, INT64_MAX, 1, &limit));
    ck_assert(!gcra_limit_make(1, INT64_C(86400000) * 365, 11, &limit));
    ck_assert(!gcra_limit_make(1, 1000, INT64_MAX, &limit));
    ck_assert(gcra_limit_make(7, 1000, 1, &limit));
    ck_assert_int_eq(limit.interval_us, 142858);
    ck_assert(gcra_limit_make(INT64_MAX, 1, 1, &limit));
    ck_assert_int_eq(limit.interval_us, 1);
}
END_TEST

/** The reference: a leaking bucket that holds `burst` events and loses one each interval, walked event by event. */
struct bucket {
    int64_t content_us, at_us;
};

static bool bucket_take(struct bucket *b, const struct gcra_limit *limit, int64_t now)
{
    int64_t leaked = now - b->at_us;
    b->content_us = b->content_us > leaked ? b->content_us - leaked : 0;
    b->at_us = now;
    if (b->content_us + limit->interval_us > limit->burst * limit->interval_us)
        return false;
    b->content_us += limit->interval_us;
    return true;
}

START_TEST(random_sequences_equal_a_leaking_bucket)
{
    unsigned seed = 7;
    for (int round = 0; round < 500; round++) {
        struct gcra_limit limit;
        ck_assert(gcra_limit_make(1 + rand_r(&seed) % 50, 1 + rand_r(&seed) % 100000, 1 + rand_r(&seed) % 20, &limit));
        struct bucket bucket = {0, start};
        int64_t tat = 0, now = start, refused_until = 0;
        for (int i = 0; i < 300; i++) {
            now += rand_r(&seed) % 3 == 0 ? 0 : rand_r(&seed) % (2 * limit.interval_us);
            struct gcra_result r = gcra_check(&limit, tat, now);
            ck_assert_int_eq(r.allowed, bucket_take(&bucket, &limit, now));
            ck_assert_msg(!refused_until || r.allowed == (now >= refused_until), "retry_us must tell when the next event passes");
            refused_until = r.allowed ? 0 : now + r.retry_us;
            tat = r.tat_us;
        }
    }
}
END_TEST

START_TEST(no_window_ever_holds_more_than_burst_plus_rate)
{
    struct gcra_limit limit;
    ck_assert(gcra_limit_make(5, 1000, 4, &limit));
    unsigned seed = 99;
    int64_t tat = 0, now = start;
    static int64_t passed[20000];
    size_t count = 0;
    for (int i = 0; i < 20000; i++) {
        now += rand_r(&seed) % 50000;
        struct gcra_result r = gcra_check(&limit, tat, now);
        tat = r.tat_us;
        if (r.allowed)
            passed[count++] = now;
    }
    ck_assert_uint_gt(count, 1000);
    for (size_t i = 9; i < count; i++) /* burst 4 and 5 more in a second: the tenth event is later */
        ck_assert_int_ge(passed[i] - passed[i - 9], second);
}
END_TEST

UNIT_MAIN("filters/rate_limit/gcra", a_burst_passes_at_once_and_then_one_an_interval, events_over_the_limit_do_not_prolong_the_wait,
          a_clock_set_back_locks_nobody_out, limits_out_of_range_are_refused_and_rounding_is_strict,
          random_sequences_equal_a_leaking_bucket, no_window_ever_holds_more_than_burst_plus_rate)
