#include "proxy/reference/topic.h"

#include "tests/unit/unit.h"

static char *text;

static bool tell(const char *name)
{
    size_t size;
    free(text);
    FILE *out = open_memstream(&text, &size);
    bool known = topic_print(name, out);
    fclose(out);
    return known;
}

static void assert_tells(const char *name, const char *part)
{
    ck_assert_msg(tell(name), "%s is unknown", name);
    ck_assert_msg(strstr(text, part) != NULL, "%s: \"%s\" is not in\n%s", name, part, text);
}

START_TEST(options_are_told_with_an_example)
{
    assert_tells("limits.message_size", "Range:   64KiB to 2GiB\n  Default: 50MiB\n  Example: limits: {message_size: 50MiB}\n");
    assert_tells("filters.spf.engine", "Value:   strict, libspf2 or both\n");
    assert_tells("listeners[0].address", "Example: listeners: [{address: ");
    assert_tells("limits", "\n  Options:\n    message_size");
}
END_TEST

START_TEST(a_name_tells_all_that_it_stands_for)
{
    assert_tells("spf", "filters.spf\n");
    assert_tells("spf", "\n\nspf: a fact\n");
    assert_tells("not", "not: an operator of conditions\n");
    assert_tells("not", "\n\nnot: combines conditions\n");
}
END_TEST

START_TEST(words_of_the_policy_language_are_told)
{
    assert_tells("reject", "reject: an action of the policy\n");
    assert_tells("add_header", "tag: an action of the policy\n");
    assert_tells("reply", "reply: a key of a rule\n");
    assert_tells("split", "split: a key of a policy\n");
    assert_tells("rcpt", "rcpt: a fact\n");
    assert_tells("rcpt", "rcpt: a stage of the policy\n");
    assert_tells("header.List-Id", "header.List-Id: a fact\n");
}
END_TEST

START_TEST(unknown_names_print_nothing)
{
    ck_assert(!tell("weather"));
    ck_assert_str_eq(text, "");
    ck_assert(!tell(""));
    ck_assert(!tell("limits."));
    ck_assert(!tell("."));
}
END_TEST

START_TEST(what_is_meant_is_found_among_all_names)
{
    static const char *const slips[][2] = {{"limit.message_size", "limits.message_size"},
                                           {"message_size", "limits.message_size"},
                                           {"mesage_size", "limits.message_size"},
                                           {"dmrac", "dmarc"},
                                           {"rejct", "reject"},
                                           {"mail_form", "mail_from"},
                                           {"filters.spf.engin", "filters.spf.engine"}};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        const char *meant = topic_meant(slips[i][0], arena);
        ck_assert_msg(meant && strcmp(meant, slips[i][1]) == 0, "%s is taken for %s", slips[i][0], meant ? meant : "nothing");
    }
    ck_assert_ptr_null(topic_meant("weather", arena));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/topic", options_are_told_with_an_example, a_name_tells_all_that_it_stands_for, words_of_the_policy_language_are_told,
          unknown_names_print_nothing, what_is_meant_is_found_among_all_names)
