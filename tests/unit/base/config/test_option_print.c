#include "tests/unit/base/option_fixture.h"

struct output {
    FILE *file;
    char *text;
    size_t size;
};

static FILE *open_output(struct output *o)
{
    o->file = open_memstream(&o->text, &o->size);
    return o->file;
}

static const char *close_output(struct output *o)
{
    fclose(o->file);
    return o->text;
}

START_TEST(defaults_are_commented_yaml)
{
    struct output o;
    options_print_defaults(inner_rows, 2, open_output(&o));
    ck_assert_str_eq(close_output(&o), "  # Idle. [duration, 1s to 1h]\n  idle: 5m\n"
                                       "  # Path. [path]\n  path: /var/tmp\n");
    free(o.text);
}
END_TEST

START_TEST(defaults_load_and_change_nothing)
{
    struct conf_fixture f;
    struct output out;
    struct outer printed, plain;
    fixture_begin(&f);
    options_print_defaults(outer_rows, 0, open_output(&out));
    fixture_load(&f, close_output(&out), &printed);
    ck_assert_str_eq(fixture_print(&f), "");
    options_load(outer_rows, sizeof plain, NULL, &plain, f.arena, &f.errors);
    ck_assert(printed.flag == plain.flag);
    ck_assert_int_eq(printed.number, plain.number);
    ck_assert_int_eq(printed.size, plain.size);
    ck_assert_str_eq(printed.text, plain.text);
    ck_assert_uint_eq(printed.texts.count, plain.texts.count);
    ck_assert_int_eq(printed.inner.idle_ms, plain.inner.idle_ms);
    ck_assert_str_eq(printed.inner.path, plain.inner.path);
    ck_slice_eq(conf_get(printed.free_form, "a")->children->text, "b");
    ck_assert_int_eq(printed.rate.period_ms, plain.rate.period_ms);
    free(out.text);
    fixture_end(&f);
}
END_TEST

START_TEST(required_rows_show_an_example_that_loads)
{
    struct conf_fixture f;
    struct output out;
    struct outer o;
    fixture_begin(&f);
    options_print_defaults(outer_rows, 0, open_output(&out));
    fixture_load(&f, close_output(&out), &o);
    ck_assert_uint_eq(o.items.count, 1);
    ck_assert_uint_eq(((const struct item *)o.items.items)->address.port, 25);
    ck_assert_uint_eq(o.named.count, 0);
    ck_assert_ptr_nonnull(strstr(out.text, "\nitems:\n  -\n    # Address."));
    ck_assert_ptr_nonnull(strstr(out.text, "\n    address: \"*:25\"\n"));
    ck_assert_ptr_nonnull(strstr(out.text, "\nnamed: {}\n#named:\n#  main:\n#    # Address."));
    ck_assert_ptr_nonnull(strstr(out.text, "\n#size: 50MiB\n"));
    ck_assert_ptr_nonnull(strstr(out.text, "\nfree_form:\n  a:\n    - b # kept\n"));
    ck_assert_ptr_nonnull(strstr(out.text, "\ntext: \"a \\\"b\\\"\"\n"));
    free(out.text);
    fixture_end(&f);
}
END_TEST

START_TEST(lines_are_wrapped)
{
    static const struct option rows[] = {
        {.key = "k",
         .type = OPTION_BOOL,
         .fallback = "true",
         .doc = "A long text of many words that goes on and on and on and on and on and on and on and on and on and on and on and on "
                "and on and on and on and on and on and on and on and on and on and ends."},
        {.key = NULL},
    };
    struct output o;
    options_print_defaults(rows, 4, open_output(&o));
    struct slice rest = slice_of(close_output(&o)), line;
    size_t lines = 0;
    while (slice_split(&rest, '\n', &line)) {
        ck_assert_uint_le(line.len, 112);
        lines++;
    }
    ck_assert_uint_eq(lines, 4);
    free(o.text);
}
END_TEST

UNIT_MAIN("base/option_print", defaults_are_commented_yaml, defaults_load_and_change_nothing, required_rows_show_an_example_that_loads,
          lines_are_wrapped)
