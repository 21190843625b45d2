/* policytest_reader: keys, words and paths of test files. */
#include "tests/unit/proxy/policytest/policytest_fixture.h"

static const char *const words[] = {"accept", "reject"};

START_TEST(unknown_keys_are_told_with_the_one_that_was_meant)
{
    fixture_setup();
    ck_assert(policytest_reader_map(&reader, fixture_read("{acept: 1, reject: 2, zzz: 3}"), "a case", words, 2));
    ck_assert(fixture_noted("unknown key \"acept\"; did you mean \"accept\"?"));
    ck_assert(fixture_noted("unknown key \"zzz\"; there are accept and reject"));
    ck_assert_uint_eq(errors.errors, 2);
    fixture_teardown();
}
END_TEST

START_TEST(what_is_no_mapping_is_told)
{
    fixture_setup();
    const struct conf_node *list = conf_get(fixture_read("a: [1]"), "a");
    ck_assert(!policytest_reader_map(&reader, list, "a case", words, 2));
    ck_assert(fixture_noted("a case is a mapping, not a list"));
    fixture_teardown();
}
END_TEST

START_TEST(a_word_is_found_or_told)
{
    fixture_setup();
    const struct conf_node *root = fixture_read("{a: reject, b: rejekt, c: , d: [x]}");
    ck_assert_int_eq(policytest_reader_word(&reader, conf_get(root, "a"), "an action", words, 2), 1);
    ck_assert_uint_eq(errors.errors, 0);
    ck_assert_int_eq(policytest_reader_word(&reader, conf_get(root, "b"), "an action", words, 2), -1);
    ck_assert_int_eq(policytest_reader_word(&reader, conf_get(root, "c"), "an action", words, 2), -1);
    ck_assert_int_eq(policytest_reader_word(&reader, conf_get(root, "d"), "an action", words, 2), -1);
    ck_assert(fixture_noted("\"rejekt\" is not an action; did you mean \"reject\"?"));
    ck_assert(fixture_noted("an action is needed, not an empty value"));
    ck_assert(fixture_noted("an action is needed, not a list"));
    fixture_teardown();
}
END_TEST

START_TEST(paths_begin_where_their_file_is)
{
    fixture_setup();
    struct conf_node node = {.kind = CONF_SCALAR, .file = "a/b/t.yaml", .text = SLICE("x.eml")};
    ck_assert_str_eq(policytest_reader_path(&reader, &node), "a/b/x.eml");
    node.file = "t.yaml";
    ck_assert_str_eq(policytest_reader_path(&reader, &node), "x.eml");
    node.file = "/t.yaml";
    ck_assert_str_eq(policytest_reader_path(&reader, &node), "/x.eml");
    node.file = "a/t.yaml";
    node.text = SLICE("/x.eml");
    ck_assert_str_eq(policytest_reader_path(&reader, &node), "/x.eml");
    fixture_teardown();
}
END_TEST

static void count(void *ctx, const struct conf_node *item)
{
    size_t *n = ctx;
    *n += item->text.len;
}

START_TEST(one_text_counts_as_a_list_of_one)
{
    fixture_setup();
    const struct conf_node *root = fixture_read("{a: xyz, b: [x, yz, [z]], c: {d: e}}");
    size_t n = 0;
    policytest_reader_each(&reader, conf_get(root, "a"), "a text", count, &n);
    ck_assert_uint_eq(n, 3);
    policytest_reader_each(&reader, conf_get(root, "b"), "a text", count, &n);
    ck_assert_uint_eq(n, 6);
    policytest_reader_each(&reader, conf_get(root, "c"), "a text", count, &n);
    ck_assert_uint_eq(n, 6);
    ck_assert(fixture_noted("b[2]: a text is needed, not a list"));
    ck_assert(fixture_noted("c: a text is needed, not a mapping"));
    fixture_teardown();
}
END_TEST

UNIT_MAIN("policytest_reader", unknown_keys_are_told_with_the_one_that_was_meant, what_is_no_mapping_is_told, a_word_is_found_or_told,
          paths_begin_where_their_file_is, one_text_counts_as_a_list_of_one)
