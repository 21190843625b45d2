/* Proves filters/smtp_mailbox.c; the grammar's corners are proven by tests/unit/proxy/smtp/test_smtp_address.c. */
#include "filters/smtp_mailbox.h"
#include "tests/unit/unit.h"

START_TEST(a_mailbox_is_a_local_part_and_a_domain_and_nothing_else)
{
    ck_assert_ptr_null(smtp_mailbox_check(SLICE("joe@example.com")));
    ck_assert_ptr_null(smtp_mailbox_check(SLICE("\"joe <x>\"@example.com")));
    ck_assert_ptr_null(smtp_mailbox_check(SLICE("joe@[192.0.2.1]")));
    ck_assert_str_eq(smtp_mailbox_check(SLICE("")), "local part is missing");
    ck_assert_str_eq(smtp_mailbox_check(SLICE("joe")), "domain is missing");
    ck_assert_str_eq(smtp_mailbox_check(SLICE("joe@")), "bad domain");
    ck_assert_str_eq(smtp_mailbox_check(SLICE("@example.com")), "local part is missing");
    ck_assert_str_eq(smtp_mailbox_check(SLICE("@a.example:joe@example.com")), "local part is missing");
    ck_assert_str_eq(smtp_mailbox_check(SLICE("joe@example.com>")), "bad domain");
    ck_assert_str_eq(smtp_mailbox_check(SLICE("joe@example.com jim@example.com")), "bad domain");
    ck_assert_str_eq(smtp_mailbox_check(SLICE("joe x@example.com")), "bad character in local part");
    ck_assert_str_eq(smtp_mailbox_check(SLICE("joe@[192.0.2.1")), "bad address literal");
    ck_assert_ptr_nonnull(smtp_mailbox_check(SLICE("\"a\r\nb\"@example.com")));
    ck_assert_ptr_nonnull(smtp_mailbox_check(SLICE("j\xc3\xb6@example.com")));
}
END_TEST

START_TEST(a_mailbox_is_no_longer_than_a_path_without_its_brackets)
{
    char text[300];
    memset(text, 'a', sizeof text);
    memcpy(text, "joe@", 4);
    for (size_t i = 54; i < sizeof text; i += 50)
        text[i] = '.';
    ck_assert_ptr_null(smtp_mailbox_check(slice_make(text, 254)));
    ck_assert_str_eq(smtp_mailbox_check(slice_make(text, 256)), "address is too long");
}
END_TEST

UNIT_MAIN("filters/smtp_mailbox", a_mailbox_is_a_local_part_and_a_domain_and_nothing_else,
          a_mailbox_is_no_longer_than_a_path_without_its_brackets)
