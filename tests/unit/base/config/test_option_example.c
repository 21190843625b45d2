#include "tests/unit/base/option_fixture.h"

static void assert_example(const char *path, const char *expected)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    options_print_example(outer_rows, slice_of(path), out);
    fclose(out);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(examples_stand_where_they_belong)
{
    assert_example("number", "number: 3\n");
    assert_example("inner.idle", "inner: {idle: 5m}\n");
    assert_example("items.address", "items: [{address: \"*:25\"}]\n");
    assert_example("items[2].address", "items: [{address: \"*:25\"}]\n");
    assert_example("named.mine.address", "named: {mine: {address: \"*:25\"}}\n");
    assert_example("named.address", "named: {main: {address: \"*:25\"}}\n");
}
END_TEST

START_TEST(they_set_another_word_than_the_default)
{
    assert_example("flag", "flag: false\n");
    assert_example("items.word", "items: [{word: one}]\n");
    assert_example("size", "size: 50MiB\n");
    assert_example("texts", "texts: [x, y]\n");
}
END_TEST

START_TEST(sections_and_unknown_options_have_none)
{
    assert_example("inner", "");
    assert_example("named", "");
    assert_example("free_form", "");
    assert_example("inner.idel", "");
    assert_example("", "");
}
END_TEST

START_TEST(every_example_loads)
{
    static const char *const paths[] = {"flag",         "number",     "size",          "text",       "texts", "inner.idle",
                                        "named.x.word", "items.word", "items.address", "inner.path", "rate"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct conf_fixture f;
        struct outer o;
        char *text;
        size_t size;
        fixture_begin(&f);
        FILE *out = open_memstream(&text, &size);
        options_print_example(outer_rows, slice_of(paths[i]), out);
        fclose(out);
        fixture_load(&f, text, &o);
        const char *errors = fixture_print(&f);
        ck_assert_msg(!strstr(errors, "unknown") && !strstr(errors, "must be between") && !strstr(errors, ", not "), "%s: %s", text,
                      errors);
        free(text);
        fixture_end(&f);
    }
}
END_TEST

UNIT_MAIN("base/option_example", examples_stand_where_they_belong, they_set_another_word_than_the_default,
          sections_and_unknown_options_have_none, every_example_loads)
