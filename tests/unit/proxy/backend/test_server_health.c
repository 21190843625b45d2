#include "proxy/backend/server_health.h"

#include "tests/unit/unit.h"

enum { RISE = 2, FALL = 3 };

static bool note(struct server_health *h, bool good, int64_t now)
{
    return server_health_note(h, good, RISE, FALL, now);
}

START_TEST(the_first_finding_decides)
{
    struct server_health good = {0}, bad = {0};
    ck_assert(note(&good, true, 5));
    ck_assert_int_eq(good.state, SERVER_UP);
    ck_assert(!good.returned);
    ck_assert(note(&bad, false, 5));
    ck_assert_int_eq(bad.state, SERVER_DOWN);
}
END_TEST

START_TEST(it_takes_failures_in_a_row_to_fall)
{
    struct server_health h = {.state = SERVER_UP};
    ck_assert(!note(&h, false, 1));
    ck_assert(!note(&h, false, 2));
    ck_assert(!note(&h, true, 3));
    ck_assert(!note(&h, false, 4));
    ck_assert(!note(&h, false, 5));
    ck_assert_int_eq(h.state, SERVER_UP);
    ck_assert(note(&h, false, 6));
    ck_assert_int_eq(h.state, SERVER_DOWN);
    ck_assert_int_eq(h.since_ms, 6);
}
END_TEST

START_TEST(it_takes_good_probes_in_a_row_to_rise)
{
    struct server_health h = {.state = SERVER_DOWN};
    ck_assert(!note(&h, true, 1));
    ck_assert(!note(&h, false, 2));
    ck_assert(!note(&h, true, 3));
    ck_assert(note(&h, true, 4));
    ck_assert_int_eq(h.state, SERVER_UP);
    ck_assert(h.returned);
    ck_assert_int_eq(h.since_ms, 4);
}
END_TEST

START_TEST(more_of_the_same_changes_nothing)
{
    struct server_health h = {.state = SERVER_DOWN};
    for (int i = 0; i < 10; i++)
        ck_assert(!note(&h, false, i));
    ck_assert_uint_eq(h.streak, 0);
}
END_TEST

UNIT_MAIN("proxy/server_health", the_first_finding_decides, it_takes_failures_in_a_row_to_fall, it_takes_good_probes_in_a_row_to_rise,
          more_of_the_same_changes_nothing)
