/* Proves filters/mailbox_fold.c. */
#include "filters/mailbox_fold.h"

#include "tests/unit/unit.h"

static struct slice fold(const char *text)
{
    static char out[MAILBOX_FOLD_MAX];
    return mailbox_fold(slice_of(text), out);
}

START_TEST(spellings_of_one_mailbox_fold_to_one)
{
    ck_slice_eq(fold("joe@example.com"), "joe@example.com");
    ck_slice_eq(fold("JOE@Example.COM"), "joe@example.com");
    ck_slice_eq(fold("\"joe\"@example.com"), "joe@example.com");
    ck_slice_eq(fold("\"j\\o\\e\"@example.com"), "joe@example.com");
    ck_slice_eq(fold("\"a \\\"b\\\\\"@example.com"), "a \"b\\@example.com");
    ck_slice_eq(fold("postmaster"), "postmaster");
    ck_slice_eq(fold(""), "");
}
END_TEST

START_TEST(a_quote_inside_or_unfinished_harms_nothing)
{
    ck_slice_eq(fold("a\"b\"@x"), "a\"b\"@x");
    ck_slice_eq(fold("\"abc"), "abc");
    ck_slice_eq(fold("\"abc\\"), "abc\\");
}
END_TEST

START_TEST(length_is_bounded)
{
    char text[3 * MAILBOX_FOLD_MAX], out[MAILBOX_FOLD_MAX];
    memset(text, 'A', sizeof text);
    struct slice folded = mailbox_fold(slice_make(text, sizeof text), out);
    ck_assert_uint_eq(folded.len, MAILBOX_FOLD_MAX);
    ck_assert_int_eq(folded.ptr[MAILBOX_FOLD_MAX - 1], 'a');
}
END_TEST

START_TEST(the_domain_is_behind_the_last_at)
{
    ck_slice_eq(mailbox_domain(SLICE("\"a@b\"@example.com")), "example.com");
    ck_slice_eq(mailbox_domain(SLICE("postmaster")), "");
    ck_slice_eq(mailbox_domain(SLICE("")), "");
}
END_TEST

UNIT_MAIN("filters/mailbox_fold", spellings_of_one_mailbox_fold_to_one, a_quote_inside_or_unfinished_harms_nothing, length_is_bounded,
          the_domain_is_behind_the_last_at)
