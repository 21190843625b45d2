#include "base/slice.h"
#include "tests/unit/unit.h"

START_TEST(split_yields_every_part_and_stops)
{
    struct slice rest = SLICE("a,,b"), part;
    ck_assert(slice_split(&rest, ',', &part));
    ck_slice_eq(part, "a");
    ck_assert(slice_split(&rest, ',', &part));
    ck_slice_eq(part, "");
    ck_assert(slice_split(&rest, ',', &part));
    ck_slice_eq(part, "b");
    ck_assert(!slice_split(&rest, ',', &part));
}
END_TEST

START_TEST(numbers_are_digits_only_and_bounded)
{
    uint64_t v;
    ck_assert(slice_to_u64(SLICE("18446744073709551615"), &v));
    ck_assert_uint_eq(v, UINT64_MAX);
    ck_assert(!slice_to_u64(SLICE("18446744073709551616"), &v));
    ck_assert(!slice_to_u64(SLICE("-1"), &v));
    ck_assert(!slice_to_u64(SLICE(" 1"), &v));
    ck_assert(!slice_to_u64(SLICE(""), &v));
}
END_TEST

START_TEST(comparisons_without_case_fold_ascii_only)
{
    ck_assert(slice_eq_nocase(SLICE("MAIL"), SLICE("mail")));
    ck_assert(!slice_eq_nocase(SLICE("\xc3\x84"), SLICE("\xc3\xa4")));
    ck_assert(slice_starts_nocase(SLICE("FROM:<a>"), SLICE("from:")));
    ck_assert(slice_ends_nocase(SLICE("mx.Example.COM"), SLICE(".example.com")));
    ck_assert(!slice_ends_nocase(SLICE("com"), SLICE(".com")));
}
END_TEST

START_TEST(order_puts_a_prefix_first)
{
    ck_assert_int_lt(slice_compare(SLICE("ab"), SLICE("abc")), 0);
    ck_assert_int_eq(slice_compare(SLICE("ab"), SLICE("ab")), 0);
    ck_assert_int_gt(slice_compare(SLICE("b"), SLICE("abc")), 0);
}
END_TEST

START_TEST(trim_and_index)
{
    ck_slice_eq(slice_trim(SLICE(" \t a b\r\n")), "a b");
    ck_slice_eq(slice_trim(SLICE(" \t\r\n")), "");
    ck_assert_int_eq(slice_index(SLICE("a:b:c"), ':'), 1);
    ck_assert_int_eq(slice_last_index(SLICE("a:b:c"), ':'), 3);
    ck_assert_int_eq(slice_index(SLICE("abc"), ':'), -1);
}
END_TEST

UNIT_MAIN("base/slice", split_yields_every_part_and_stops, numbers_are_digits_only_and_bounded, comparisons_without_case_fold_ascii_only,
          order_puts_a_prefix_first, trim_and_index)
