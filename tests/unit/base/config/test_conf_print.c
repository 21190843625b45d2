#include "base/config/conf_print.h"

#include "tests/unit/base/conf_fixture.h"

static char *print(const struct conf_node *node)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    conf_print_yaml(node, 0, out);
    fclose(out);
    return text;
}

/** text, read and printed, is expected; and that, read again, is the same tree. */
static void assert_printed(const char *text, const char *expected)
{
    struct conf_fixture f;
    fixture_begin(&f);
    const struct conf_node *tree = fixture_read(&f, text);
    char *printed = print(tree);
    ck_assert_str_eq(printed, expected);
    const struct conf_node *again = fixture_read(&f, printed);
    ck_assert_str_eq(fixture_print(&f), "");
    ck_assert(conf_equal(tree, again));
    free(printed);
    fixture_end(&f);
}

START_TEST(mappings_and_lists_become_blocks)
{
    assert_printed("a: {b: {c: 1, d: 2}, e: [x, {f: g, h: [i, j]}]}",
                   "a:\n  b:\n    c: 1\n    d: 2\n  e:\n    - x\n    - f: g\n      h: [i, j]\n");
    assert_printed("[[a, b], [{c: d}, {}], []]", "- [a, b]\n- - c: d\n  - {}\n- []\n");
    assert_printed("{}", "{}\n");
}
END_TEST

START_TEST(long_lists_of_scalars_get_a_line_each)
{
    assert_printed("a: [0123456789012345678901234567890123456789, 0123456789012345678901234567890123456789, 0123456789]",
                   "a:\n  - 0123456789012345678901234567890123456789\n  - 0123456789012345678901234567890123456789\n  - 0123456789\n");
}
END_TEST

START_TEST(scalars_are_quoted_only_where_they_must)
{
    assert_printed("a b: 'two words'", "a b: \"two words\"\n");
    assert_printed("a: two words", "a: two words\n");
    assert_printed("a: '*:25'\nb: '[::1]:25'\nc: 'x: y'\nd: 'x #y'\ne: '-'\nf: ''",
                   "a: \"*:25\"\nb: \"[::1]:25\"\nc: \"x: y\"\nd: \"x #y\"\ne: \"-\"\nf: \"\"\n");
    assert_printed("a: 'say \"no\" \\ now'\nb: \"x\\ny\"", "a: \"say \\\"no\\\" \\\\ now\"\nb: \"x\\ny\"\n");
    assert_printed("'*.example': 1\n'a:': 2", "\"*.example\": 1\n\"a:\": 2\n");
    assert_printed("a: \"x\\Ly\\P\\uFEFF\"", "a: \"x\\Ly\\P\\uFEFF\"\n");
    assert_printed("a: \xc3\xa9", "a: \"\xc3\xa9\"\n");
}
END_TEST

START_TEST(words_that_mean_something_stay_what_they_are)
{
    assert_printed("a: null\nb: 'null'\nc: ~\nd:\ne: true\nf: 'true'\ng: absent\nh: 'absent'",
                   "a: null\nb: \"null\"\nc: null\nd: null\ne: true\nf: \"true\"\ng: absent\nh: \"absent\"\n");
}
END_TEST

START_TEST(trees_are_equal_if_they_mean_the_same)
{
    static const char *const different[][2] = {{"a: 1", "a: 2"},           {"a: 1", "b: 1"},        {"a: [1]", "a: [1, 2]"},
                                               {"a: [1, 2]", "a: [2, 1]"}, {"a: {b: 1}", "a: [1]"}, {"a: {}", "a: []"},
                                               {"a: null", "a: 'null'"}};
    struct conf_fixture f;
    fixture_begin(&f);
    ck_assert(conf_equal(fixture_read(&f, "a: {b: [1, 2]}"), fixture_read(&f, "a:\n  b:\n  - '1'\n  - 2\n")));
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++)
        ck_assert_msg(!conf_equal(fixture_read(&f, different[i][0]), fixture_read(&f, different[i][1])), "%s = %s", different[i][0],
                      different[i][1]);
    fixture_end(&f);
}
END_TEST

UNIT_MAIN("base/conf_print", mappings_and_lists_become_blocks, long_lists_of_scalars_get_a_line_each,
          scalars_are_quoted_only_where_they_must, words_that_mean_something_stay_what_they_are, trees_are_equal_if_they_mean_the_same)
