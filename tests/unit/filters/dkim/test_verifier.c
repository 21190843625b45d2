/* Proves filters/dkim/verifier.c: two engines beside each other. */
#define ENGINE "both"
#include "tests/unit/filters/dkim/verifier_cases.h"

START_TEST(both_engines_are_run_and_the_first_one_counts)
{
    setup();
    verify(read_file("two.eml"));
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    ck_assert_uint_eq(report->count, 2);
    ck_assert(report->compared);
    ck_assert_int_eq(report->second, DKIM_IS_PASS);
    ck_assert_uint_eq(dns_map_wanted(map), 2); /* what both ask for is asked once */
    arena_free(&arena);
}
END_TEST

/* §3.5 has digits there; the library takes nothing for 0, and finds that the rest does not match. */
START_TEST(where_they_differ_it_is_told)
{
    setup();
    verify(altered("relaxed.eml", "v=1; ", "v=1; l=; "));
    ck_assert_int_eq(report->result, DKIM_IS_PERMERROR);
    ck_assert_int_eq(report->second, DKIM_IS_FAIL);
    arena_free(&arena);
}
END_TEST

START_TEST(one_engine_alone_is_not_compared)
{
    setup();
    options.engine = engine_index("strict");
    verify(read_file("two.eml"));
    ck_assert(!report->compared);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/dkim/verifier", VERIFIER_CASES, both_engines_are_run_and_the_first_one_counts, where_they_differ_it_is_told,
          one_engine_alone_is_not_compared)
