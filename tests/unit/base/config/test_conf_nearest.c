#include "base/config/conf_error.h"
#include "tests/unit/unit.h"

static const char *const keys[] = {"message_size", "spf", "dkim", "dmarc", "rate_limit", "idle", "", "to"};

static const char *nearest(const char *word)
{
    const char *found = conf_nearest(slice_of(word), keys, sizeof keys / sizeof keys[0]);
    return found ? found : "(none)";
}

START_TEST(one_slip_is_forgiven)
{
    ck_assert_str_eq(nearest("mesage_size"), "message_size");
    ck_assert_str_eq(nearest("message_sizee"), "message_size");
    ck_assert_str_eq(nearest("spff"), "spf");
    ck_assert_str_eq(nearest("dikm"), "dkim");
    ck_assert_str_eq(nearest("dmarx"), "dmarc");
}
END_TEST

START_TEST(case_and_hyphens_do_not_count)
{
    ck_assert_str_eq(nearest("DKIM"), "dkim");
    ck_assert_str_eq(nearest("Rate-Limit"), "rate_limit");
}
END_TEST

START_TEST(other_words_are_not_guessed)
{
    ck_assert_str_eq(nearest("filters"), "(none)");
    ck_assert_str_eq(nearest("xyz"), "(none)");
    ck_assert_str_eq(nearest(""), "(none)");
    ck_assert_str_eq(nearest("a"), "(none)");
}
END_TEST

START_TEST(words_of_any_length_are_safe)
{
    char word[300];
    memset(word, 'a', sizeof word);
    for (size_t n = 60; n < sizeof word; n++)
        ck_assert_ptr_null(conf_nearest(slice_make(word, n), keys, sizeof keys / sizeof keys[0]));
    static const char sixty_four[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl";
    const char *const one[] = {sixty_four};
    ck_assert_ptr_eq(conf_nearest(SLICE("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkX"), one, 1), sixty_four);
}
END_TEST

START_TEST(the_nearest_of_several_wins)
{
    const char *const words[] = {"limits", "limit"};
    ck_assert_str_eq(conf_nearest(SLICE("limt"), words, 2), "limit");
}
END_TEST

START_TEST(the_beginning_of_one_word_alone_is_near)
{
    const char *const levels[] = {"error", "warning", "info", "debug"};
    ck_assert_str_eq(conf_nearest(SLICE("warn"), levels, 4), "warning");
    ck_assert_str_eq(conf_nearest(SLICE("ERR"), levels, 4), "error");
    ck_assert_ptr_null(conf_nearest(SLICE("wa"), levels, 4));
    ck_assert_ptr_null(conf_nearest(SLICE("warningly"), levels, 1));
    const char *const several[] = {"from.domain", "from.address"};
    ck_assert_ptr_null(conf_nearest(SLICE("from"), several, 2));
}
END_TEST

UNIT_MAIN("base/conf_nearest", one_slip_is_forgiven, case_and_hyphens_do_not_count, other_words_are_not_guessed,
          words_of_any_length_are_safe, the_nearest_of_several_wins, the_beginning_of_one_word_alone_is_near)
