#include "filters/dkim/body_count.h"
#include "tests/unit/unit.h"

static void expect(const char *body, uint64_t simple, uint64_t relaxed)
{
    for (size_t cut = 0; cut <= strlen(body); cut++) {
        struct body_count count = {0};
        body_count_add(&count, slice_first(slice_of(body), cut));
        body_count_add(&count, slice_skip(slice_of(body), cut));
        ck_assert_uint_eq(body_count_simple(&count), simple);
        ck_assert_uint_eq(body_count_relaxed(&count), relaxed);
    }
}

START_TEST(empty_bodies_differ)
{
    expect("", 2, 0);
    expect("\r\n", 2, 0);
    expect("\r\n\r\n\r\n", 2, 0);
}
END_TEST

START_TEST(the_example_of_the_rfc_holds)
{
    expect(" C \r\nD \t E\r\n\r\n\r\n", 12, 9); /* §3.4.5: " C \r\nD \t E\r\n" and " C\r\nD E\r\n" */
}
END_TEST

START_TEST(blank_lines_count_only_before_text)
{
    expect("a\r\n\r\nb\r\n", 8, 8);
    expect("a\r\n \t\r\nb\r\n", 10, 8);
    expect("a\r\n \r\n", 6, 3);
}
END_TEST

UNIT_MAIN("filters/dkim/body_count", empty_bodies_differ, the_example_of_the_rfc_holds, blank_lines_count_only_before_text)
