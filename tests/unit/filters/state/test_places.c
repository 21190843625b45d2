/* Proves filters/state/places.c. */
#include "filters/state/places.h"

#include "tests/unit/unit.h"

static struct places reread(const struct places *p, int64_t now_ms)
{
    char bytes[PLACES_BYTES];
    struct places again;
    places_read(slice_make(bytes, places_write(p, bytes)), now_ms, &again);
    return again;
}

START_TEST(places_are_taken_up_to_the_most_and_given_back)
{
    struct places p = {0};
    ck_assert(places_enter(&p, 1, 3, 1000) && places_enter(&p, 2, 3, 1000) && places_enter(&p, 1, 3, 1000));
    ck_assert(!places_enter(&p, 2, 3, 1000) && !places_enter(&p, 3, 3, 1000));
    ck_assert_int_eq(places_total(&p), 3);
    places_leave(&p, 1);
    ck_assert(places_enter(&p, 3, 3, 1000));
    places_leave(&p, 4);
    ck_assert_int_eq(places_total(&p), 3);
    places_leave(&p, 1);
    places_leave(&p, 1);
    ck_assert_int_eq(places_total(&p), 2);
}
END_TEST

START_TEST(what_is_not_renewed_lapses)
{
    struct places p = {0};
    places_enter(&p, 1, 9, 1000);
    places_enter(&p, 2, 9, 1000);
    places_renew(&p, 2, 2000);
    places_renew(&p, 3, 2000);
    ck_assert_int_eq(places_lapse_ms(&p), 2000);
    p = reread(&p, 999);
    ck_assert_int_eq(places_total(&p), 2);
    p = reread(&p, 1000);
    ck_assert_int_eq(places_total(&p), 1);
    p = reread(&p, 2000);
    ck_assert_int_eq(places_total(&p), 0);
    ck_assert_int_eq(places_lapse_ms(&p), 0);
}
END_TEST

START_TEST(more_processes_than_rows_pass_uncounted)
{
    struct places p = {0};
    for (uint64_t i = 1; i <= PLACES_ROWS; i++)
        ck_assert(places_enter(&p, i, 1000, 1000));
    ck_assert(places_enter(&p, 1000, 1000, 1000));
    ck_assert_int_eq(places_total(&p), PLACES_ROWS);
    places_leave(&p, 1000);
    p = reread(&p, 0);
    ck_assert_int_eq(places_total(&p), PLACES_ROWS);
}
END_TEST

START_TEST(damaged_bytes_count_as_none)
{
    struct places p;
    char junk[PLACES_BYTES + PLACES_ROW_BYTES];
    memset(junk, 0xff, sizeof junk);
    places_read(slice_make(junk, 7), 0, &p);
    ck_assert_uint_eq(p.count, 0);
    places_read(slice_make(junk, sizeof junk), 0, &p);
    ck_assert_uint_eq(p.count, 0);
    places_read(slice_make(junk, PLACES_BYTES), 0, &p);
    ck_assert_uint_eq(p.count, 0); /* lapsed: -1 */
}
END_TEST

UNIT_MAIN("filters/state/places", places_are_taken_up_to_the_most_and_given_back, what_is_not_renewed_lapses,
          more_processes_than_rows_pass_uncounted, damaged_bytes_count_as_none)
