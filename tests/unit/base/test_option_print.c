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
    ck_assert_str_eq(close_output(&o), "  # Idle. [a duration with a unit (500ms, 30s, 5m, 1h, 7d); 1s to 1h]\n  idle: 5m\n"
                                       "  # Path. [the path of a file or directory]\n  path: /var/tmp\n");
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
        ck_assert_uint_lt(line.len, 116);
        lines++;
    }
    ck_assert_uint_eq(lines, 4);
    free(o.text);
}
END_TEST

START_TEST(rows_are_found_by_dotted_path)
{
    ck_assert_ptr_eq(options_find(outer_rows, SLICE("flag"), NULL), &outer_rows[0]);
    ck_assert_ptr_eq(options_find(outer_rows, SLICE("inner.idle"), NULL), &inner_rows[0]);
    ck_assert_ptr_eq(options_find(outer_rows, SLICE("items.address"), NULL), &item_rows[1]);
    ck_assert_ptr_eq(options_find(outer_rows, SLICE("items[3].address"), NULL), &item_rows[1]);
    ck_assert_ptr_eq(options_find(outer_rows, SLICE("named.any.word"), NULL), &item_rows[2]);
    ck_assert_ptr_eq(options_find(outer_rows, SLICE("named.word"), NULL), &item_rows[2]);
}
END_TEST

START_TEST(a_path_that_leads_nowhere_tells_where_it_ended)
{
    const struct option *parent;
    ck_assert_ptr_null(options_find(outer_rows, SLICE("inner.idel"), &parent));
    ck_assert_ptr_eq(parent, inner_rows);
    ck_assert_str_eq(options_nearest(parent, SLICE("idel")), "idle");
    ck_assert_ptr_null(options_find(outer_rows, SLICE(""), &parent));
    ck_assert_ptr_eq(parent, outer_rows);
    ck_assert_ptr_null(options_find(outer_rows, SLICE("flag.more"), &parent));
    ck_assert_ptr_null(options_find(outer_rows, SLICE("inner."), NULL));
    ck_assert_ptr_null(options_find(outer_rows, SLICE("named.any"), NULL));
}
END_TEST

START_TEST(help_tells_value_range_and_default)
{
    struct output o;
    options_print_help(&inner_rows[0], "inner.idle", open_output(&o));
    ck_assert_str_eq(close_output(&o), "inner.idle\n  Idle.\n\n  Value:   a duration with a unit (500ms, 30s, 5m, 1h, 7d)\n"
                                       "  Range:   1s to 1h\n  Default: 5m\n");
    free(o.text);
    options_print_help(&outer_rows[7], "inner", open_output(&o));
    ck_assert_ptr_nonnull(strstr(close_output(&o), "  Options:\n    idle                 Idle.\n    path                 Path.\n"));
    free(o.text);
}
END_TEST

START_TEST(the_index_names_every_option)
{
    struct output o;
    options_print_index(outer_rows, open_output(&o));
    close_output(&o);
    static const char *const paths[] = {"flag ", "\ninner.idle ", "\nitems[].address ", "\nnamed.NAME.word ", "\nrate "};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        ck_assert_msg(strstr(o.text, paths[i]) != NULL, "%s is not in the index", paths[i]);
    free(o.text);
}
END_TEST

UNIT_MAIN("base/option_print", defaults_are_commented_yaml, defaults_load_and_change_nothing, required_rows_show_an_example_that_loads,
          lines_are_wrapped, rows_are_found_by_dotted_path, a_path_that_leads_nowhere_tells_where_it_ended,
          help_tells_value_range_and_default, the_index_names_every_option)
