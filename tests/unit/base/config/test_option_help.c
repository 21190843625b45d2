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

START_TEST(a_slip_in_any_step_of_a_path_is_found)
{
    struct arena *arena = arena_new();
    ck_assert_str_eq(options_meant(outer_rows, SLICE("iner.idle"), arena), "inner.idle");
    ck_assert_str_eq(options_meant(outer_rows, SLICE("iner.idel"), arena), "inner.idle");
    ck_assert_str_eq(options_meant(outer_rows, SLICE("inner.idel"), arena), "inner.idle");
    ck_assert_str_eq(options_meant(outer_rows, SLICE("named.mine.adress"), arena), "named.mine.address");
    ck_assert_str_eq(options_meant(outer_rows, SLICE("name.mine.address"), arena), "named.mine.address");
    ck_assert_ptr_null(options_meant(outer_rows, SLICE("inner.elsewhere"), arena));
    ck_assert_ptr_null(options_meant(outer_rows, SLICE("flag.more"), arena));
    ck_assert_ptr_null(options_meant(outer_rows, SLICE(""), arena));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("base/option_help", rows_are_found_by_dotted_path, a_path_that_leads_nowhere_tells_where_it_ended,
          help_tells_value_range_and_default, the_index_names_every_option, a_slip_in_any_step_of_a_path_is_found)
