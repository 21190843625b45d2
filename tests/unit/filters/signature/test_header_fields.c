/* Proves filters/signature/header_fields.c. */
#include "filters/signature/header_fields.h"

#include "tests/unit/filters/signature/fields_fixture.h"

START_TEST(fields_are_kept_as_they_came)
{
    open_fields("Subject : a\r\n b", "X:", NULL);
    ck_assert_uint_eq(fields.count, 2);
    ck_slice_eq(fields.fields[0].name, "Subject");
    ck_slice_eq(fields.fields[0].raw, "Subject : a\r\n b");
    ck_slice_eq(fields.fields[0].value, " a\r\n b");
    ck_slice_eq(fields.fields[1].value, "");
    ck_slice_eq(header_fields_relaxed(&fields, 0), "subject:a b");
    ck_slice_eq(header_fields_relaxed(&fields, 1), "x:");
    close_fields();
}
END_TEST

START_TEST(fields_of_a_name_are_counted_without_case)
{
    open_fields("To: a", "from: b", "TO: c", "T: d", "Too: e", NULL);
    ck_assert_uint_eq(header_fields_count(&fields, SLICE("to")), 2);
    ck_assert_uint_eq(header_fields_count(&fields, SLICE("From")), 1);
    ck_assert_uint_eq(header_fields_count(&fields, SLICE("Cc")), 0);
    ck_assert_uint_eq(header_fields_count(&fields, SLICE("")), 0);
    close_fields();
    open_fields(NULL, NULL);
    ck_assert_uint_eq(header_fields_count(&fields, SLICE("to")), 0);
    close_fields();
}
END_TEST

START_TEST(they_are_chosen_from_the_bottom_and_each_only_once)
{
    open_fields("Received: 1", "To: a", "received: 2", "RECEIVED: 3", NULL);
    for (int again = 0; again < 2; again++) {
        header_fields_choose_none(&fields);
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("received")), 3);
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("Received")), 2);
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("to")), 1);
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("Received")), 0);
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("Received")), fields.count);
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("Received")), fields.count);
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("to")), fields.count);
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("zz")), fields.count);
    }
    close_fields();
}
END_TEST

START_TEST(a_thousand_fields_are_no_matter)
{
    open_fields(NULL, NULL);
    for (int i = 0; i < 1000; i++)
        add_field(arena_format(fields.arena, "X-%d: %d", i % 10, i));
    header_fields_choose_none(&fields);
    for (size_t i = 0; i < 100; i++)
        ck_assert_uint_eq(header_fields_choose(&fields, SLICE("x-7")), 997 - 10 * i);
    ck_assert_uint_eq(header_fields_choose(&fields, SLICE("x-7")), 1000);
    close_fields();
}
END_TEST

UNIT_MAIN("filters/signature/header_fields", fields_are_kept_as_they_came, fields_of_a_name_are_counted_without_case,
          they_are_chosen_from_the_bottom_and_each_only_once, a_thousand_fields_are_no_matter)
