#include "proxy/smtp/header_value.h"

#include "tests/unit/unit.h"

START_TEST(folding_is_removed_and_ends_are_trimmed)
{
    struct arena *a = arena_new();
    ck_slice_eq(header_value_unfold(SLICE(" one\r\n two\r\n\tthree \r\n"), a), "one two three");
    ck_slice_eq(header_value_unfold(SLICE(""), a), "");
    arena_free(&a);
}
END_TEST

START_TEST(no_control_byte_passes)
{
    struct arena *a = arena_new();
    ck_slice_eq(header_value_unfold(SLICE("a\x01\x1b[31mb\x7f"), a), "a??[31mb?");
    arena_free(&a);
}
END_TEST

START_TEST(a_long_value_is_cut)
{
    struct arena *a = arena_new();
    static char big[5000];
    memset(big, 'x', sizeof big);
    ck_assert_uint_eq(header_value_unfold(slice_make(big, sizeof big), a).len, HEADER_VALUE_MAX);
    arena_free(&a);
}
END_TEST

UNIT_MAIN("proxy/header_value", folding_is_removed_and_ends_are_trimmed, no_control_byte_passes, a_long_value_is_cut)
