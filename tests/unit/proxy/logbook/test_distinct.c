#include "proxy/logbook/distinct.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static void add_number(struct distinct *d, int n)
{
    char text[20];
    int len = snprintf(text, sizeof text, "user%d", n);
    distinct_add(d, slice_make(text, (size_t)len));
}

START_TEST(each_text_counts_once_whatever_its_case)
{
    struct distinct d = {0};
    distinct_add(&d, SLICE("a@example.com"));
    distinct_add(&d, SLICE("A@EXAMPLE.com"));
    distinct_add(&d, SLICE("b@example.com"));
    distinct_add(&d, SLICE(""));
    ck_assert_uint_eq(d.count, 3);
    distinct_release(&d);
}
END_TEST

START_TEST(beyond_its_bound_it_only_says_that_there_are_more)
{
    struct distinct d = {0};
    for (int i = 0; i < DISTINCT_MAX; i++)
        add_number(&d, i);
    for (int i = 0; i < DISTINCT_MAX; i += 100)
        add_number(&d, i);
    ck_assert_uint_eq(d.count, DISTINCT_MAX);
    ck_assert(!d.more);
    add_number(&d, DISTINCT_MAX);
    ck_assert_uint_eq(d.count, DISTINCT_MAX);
    ck_assert(d.more);
    distinct_release(&d);
}
END_TEST

UNIT_MAIN("proxy/logbook/distinct", each_text_counts_once_whatever_its_case, beyond_its_bound_it_only_says_that_there_are_more)
