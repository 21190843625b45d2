#include "tests/unit/base/option_fixture.h"

/** Loads text that must give exactly these errors. */
static void check_errors(const char *text, const char *lines)
{
    struct conf_fixture f;
    struct outer o;
    fixture_begin(&f);
    fixture_load(&f, text, &o);
    ck_assert_str_eq(fixture_print(&f), lines);
    fixture_end(&f);
}

START_TEST(defaults_fill_what_is_not_there)
{
    struct conf_fixture f;
    struct outer o;
    fixture_begin(&f);
    options_load(outer_rows, sizeof o, NULL, &o, f.arena, &f.errors);
    ck_assert_str_eq(fixture_print(&f), "");
    ck_assert(o.flag);
    ck_assert_int_eq(o.number, 3);
    ck_assert_int_eq(o.size, 0);
    ck_assert_str_eq(o.text, "a \"b\"");
    ck_assert_uint_eq(o.texts.count, 2);
    ck_assert_str_eq(((const char **)o.texts.items)[1], "y");
    ck_assert_uint_eq(o.items.count, 0);
    ck_assert_uint_eq(o.named.count, 0);
    ck_assert_int_eq(o.inner.idle_ms, 300000);
    ck_assert_ptr_null(o.inner.node);
    ck_slice_eq(conf_get(o.free_form, "a")->children->text, "b");
    ck_assert_int_eq(o.rate.count, 10);
    fixture_end(&f);
}
END_TEST

START_TEST(values_replace_defaults)
{
    struct conf_fixture f;
    struct outer o;
    fixture_begin(&f);
    fixture_load(&f,
                 "flag: false\nnumber: 9\ntext: t\ntexts: one\nfree_form: [1]\nrate: 1/1s\n"
                 "inner: {idle: 1s}\n"
                 "items: [\"1.2.3.4:5\", {address: \"[::1]:6\", word: one}]\n"
                 "named: {a: 9.9.9.9:7, b: {address: 9.9.9.9:8, word: one}}\n",
                 &o);
    ck_assert_str_eq(fixture_print(&f), "");
    ck_assert(!o.flag);
    ck_assert_uint_eq(o.texts.count, 1);
    ck_assert_str_eq(*(const char **)o.texts.items, "one");
    ck_assert_int_eq(o.inner.idle_ms, 1000);
    ck_assert_str_eq(o.inner.path, "/var/tmp");
    ck_assert_uint_eq(o.inner.node->line, 7);
    const struct item *items = o.items.items, *named = o.named.items;
    ck_assert_uint_eq(o.items.count, 2);
    ck_assert_uint_eq(items[0].address.port, 5);
    ck_assert_int_eq(items[0].word, 1);
    ck_slice_eq(items[0].node->text, "1.2.3.4:5");
    ck_assert_int_eq(items[1].word, 0);
    ck_assert_int_eq(items[1].node->kind, CONF_MAP);
    ck_assert_uint_eq(o.named.count, 2);
    ck_assert_str_eq(named[0].name, "a");
    ck_assert_uint_eq(named[0].address.port, 7);
    ck_assert_int_eq(named[0].word, 1);
    ck_assert_ptr_nonnull(named[0].node);
    ck_assert_str_eq(named[1].name, "b");
    ck_assert_int_eq(named[1].word, 0);
    fixture_end(&f);
}
END_TEST

START_TEST(unknown_options_are_told_with_the_nearest)
{
    check_errors("items: []\ninner:\n  idel: 5m\nnubmer: 2\nsomething: 1\n",
                 "t.yaml:3:3: error: inner.idel: unknown option; did you mean \"idle\"?\n"
                 "t.yaml:4:1: error: nubmer: unknown option; did you mean \"number\"?\n"
                 "t.yaml:5:1: error: something: unknown option\n");
}
END_TEST

START_TEST(wrong_types_are_told_where_the_value_stands)
{
    check_errors("flag: [true]\nnumber: many\nsize: {}\ntexts: {a: b}\nitems: 1.2.3.4:5\nnamed: []\ninner: 5\n",
                 "t.yaml:1:7: error: flag: must be true or false, not a list\n"
                 "t.yaml:2:9: error: number: must be a whole number such as 100, not \"many\"\n"
                 "t.yaml:3:7: error: size: must be a size in bytes or with a unit (4096, 64KiB, 50MiB, 1GiB), not a mapping\n"
                 "t.yaml:4:8: error: texts: must be a list of texts, not a mapping\n"
                 "t.yaml:5:8: error: items: must be a list (\"- \" before each item), not a scalar\n"
                 "t.yaml:6:8: error: named: must be a mapping of names to mappings of options, not a list\n"
                 "t.yaml:7:8: error: inner: must be a mapping of options, such as {idle: 5m}, not a scalar\n");
}
END_TEST

START_TEST(a_wrong_value_leaves_the_default)
{
    struct conf_fixture f;
    struct outer o;
    fixture_begin(&f);
    fixture_load(&f, "items: []\nnumber: 10\ninner: {idle: 1ms}\n", &o);
    ck_assert_str_eq(fixture_print(&f), "t.yaml:2:9: error: number: must be between 0 and 9, not 10\n"
                                        "t.yaml:3:15: error: inner.idle: must be between 1s and 1h, not 1ms\n");
    ck_assert_int_eq(o.number, 3);
    ck_assert_int_eq(o.inner.idle_ms, 300000);
    fixture_end(&f);
}
END_TEST

START_TEST(required_options_are_missed)
{
    check_errors("flag: true\n", "t.yaml:1:1: error: \"items\" is missing; it must be a list of mappings of options\n");
    check_errors("items: [{word: one}]\n",
                 "t.yaml:1:9: error: items[0]: \"address\" is missing; it must be an IP address with a port (192.0.2.1:25, "
                 "\"[2001:db8::1]:25\", \"*:25\")\n");
    check_errors("items: []\nnamed: {a: , b: {}}\n",
                 "t.yaml:2:12: error: named.a: \"address\" is missing; it must be an IP address with a port (192.0.2.1:25, "
                 "\"[2001:db8::1]:25\", \"*:25\")\n"
                 "t.yaml:2:17: error: named.b: \"address\" is missing; it must be an IP address with a port (192.0.2.1:25, "
                 "\"[2001:db8::1]:25\", \"*:25\")\n");
}
END_TEST

START_TEST(the_name_of_a_named_section_is_its_key_only)
{
    check_errors("items: []\nnamed: {a: {name: b, address: 1.2.3.4:5}, \"x\\ty\": 1.2.3.4:6}\n",
                 "t.yaml:2:13: error: named.a.name: unknown option\n"
                 "t.yaml:2:43: error: named.x\\x09y: the name may not hold control characters\n");
}
END_TEST

START_TEST(null_unsets_only_where_nothing_makes_sense)
{
    struct conf_fixture f;
    struct outer o;
    fixture_begin(&f);
    fixture_load(&f, "items: []\ntext: ~\ntexts: null\ninner: ~\nfree_form:\nnamed:\n", &o);
    ck_assert_str_eq(fixture_print(&f), "");
    ck_assert_ptr_null(o.text);
    ck_assert_uint_eq(o.texts.count, 0);
    ck_assert_int_eq(o.inner.idle_ms, 300000);
    ck_assert_ptr_nonnull(o.free_form);
    fixture_end(&f);
    check_errors("items: ~\nnumber: ~\ntext:\ntexts: [~]\n",
                 "t.yaml:1:8: error: items: has no value; it must be a list of mappings of options\n"
                 "t.yaml:2:9: error: number: has no value; it must be a whole number\n"
                 "t.yaml:3:6: error: text: has no value; it must be a text\n"
                 "t.yaml:4:9: error: texts[0]: has no value; it must be a text\n");
}
END_TEST

START_TEST(relative_paths_are_beside_their_file)
{
    static const struct {
        const char *file, *path, *expected;
    } cases[] = {{"/etc/m/a.yaml", "zone", "/etc/m/zone"},
                 {"/etc/m/a.yaml", "/zone", "/zone"},
                 {"a.yaml", "zone", "zone"},
                 {"d/a.yaml", "../z", "d/../z"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct conf_fixture f;
        struct outer o;
        fixture_begin(&f);
        const char *text = arena_format(f.arena, "items: []\ninner: {path: %s}\n", cases[i].path);
        struct conf_node *root = conf_read_text(slice_of(text), cases[i].file, f.arena, &f.errors);
        options_load(outer_rows, sizeof o, root, &o, f.arena, &f.errors);
        ck_assert_str_eq(o.inner.path, cases[i].expected);
        fixture_end(&f);
    }
}
END_TEST

START_TEST(all_errors_are_told_at_once)
{
    struct conf_fixture f;
    struct outer o;
    fixture_begin(&f);
    fixture_load(&f, "flag: 1\nnumber: x\ninner: {idle: 5, pth: y}\nnamed: {a: b}\n", &o);
    ck_assert_uint_eq(f.errors.errors, 6);
    fixture_end(&f);
}
END_TEST

START_TEST(something_else_than_a_mapping_is_told)
{
    check_errors("[a]\n", "t.yaml:1:1: error: must be a mapping of options, such as {flag: true}, not a list\n");
}
END_TEST

START_TEST(a_value_in_place_of_a_section_is_shown_as_its_first_option)
{
    check_errors("inner: 30s\nitems: []\n", "t.yaml:1:8: error: inner: must be a mapping of options, such as {idle: 30s}, not a scalar\n");
    check_errors("inner: \"30s}\"\nitems: []\n",
                 "t.yaml:1:8: error: inner: must be a mapping of options, such as {idle: 5m}, not a scalar\n");
    check_errors("inner: [30s]\nitems: []\n", "t.yaml:1:8: error: inner: must be a mapping of options, such as {idle: 5m}, not a list\n");
}
END_TEST

UNIT_MAIN("base/option", defaults_fill_what_is_not_there, values_replace_defaults, unknown_options_are_told_with_the_nearest,
          wrong_types_are_told_where_the_value_stands, a_wrong_value_leaves_the_default, required_options_are_missed,
          the_name_of_a_named_section_is_its_key_only, null_unsets_only_where_nothing_makes_sense, relative_paths_are_beside_their_file,
          all_errors_are_told_at_once, something_else_than_a_mapping_is_told, a_value_in_place_of_a_section_is_shown_as_its_first_option)
