/* Proves filters/signature/field_canon.c. */
#include "filters/signature/field_canon.h"
#include "tests/unit/unit.h"

START_TEST(fields_are_relaxed_as_the_rfc_says)
{
    static const char *const cases[][3] = {{"A", " X", "a:X"},
                                           {"B ", " Y\t\r\n\tZ  ", "b:Y Z"}, /* RFC 6376 §3.4.5 */
                                           {"Subject", "", "subject:"},
                                           {"SUBJECT", " \t \r\n ", "subject:"},
                                           {"x", "a\tb  c\r\n  d", "x:a b c d"},
                                           {"x", "gr\xc3\xbc\xc3\x9f E", "x:gr\xc3\xbc\xc3\x9f E"}};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_slice_eq(field_canon_relaxed(slice_of(cases[i][0]), slice_of(cases[i][1]), arena), cases[i][2]);
    arena_free(&arena);
}
END_TEST

START_TEST(a_part_is_left_out)
{
    struct arena *arena = arena_new();
    struct slice text = SLICE("a; b=xyz; c");
    ck_slice_eq(field_canon_without(text, slice_make(text.ptr + 5, 3), arena), "a; b=; c");
    ck_slice_eq(field_canon_without(text, slice_make(text.ptr + 5, 6), arena), "a; b=");
    ck_slice_eq(field_canon_without(text, slice_make(text.ptr, 0), arena), "a; b=xyz; c");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/signature/field_canon", fields_are_relaxed_as_the_rfc_says, a_part_is_left_out)
