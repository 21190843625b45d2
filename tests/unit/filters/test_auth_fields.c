#include "filters/auth_results.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct auth_results results;

static void setup(void)
{
    arena = arena_new();
    auth_results_init(&results, arena);
}

static void teardown(void)
{
    arena_free(&arena);
}

static const char *formatted(void)
{
    struct buf out = {0};
    auth_results_format_fields(&results, &out);
    const char *text = arena_string(arena, buf_slice(&out));
    buf_release(&out);
    return text;
}

static bool takes(const char *value)
{
    return auth_results_add_field(&results, "Received-SPF", slice_of(value));
}

START_TEST(fields_are_written_in_their_order)
{
    setup();
    ck_assert_str_eq(formatted(), "");
    char value[] = "pass identity=mailfrom;\r\n\thelo=x.example;";
    ck_assert(takes(value));
    memset(value, 'x', sizeof value - 1); /* a copy was taken */
    ck_assert(auth_results_add_field(&results, "X-Second", SLICE("2")));
    ck_assert_str_eq(formatted(), "Received-SPF: pass identity=mailfrom;\r\n\thelo=x.example;\r\nX-Second: 2\r\n");
    teardown();
}
END_TEST

START_TEST(a_value_that_would_be_more_than_one_field_is_not_taken)
{
    setup();
    ck_assert(!takes("pass\r\nX-Evil: 1"));
    ck_assert(!takes("pass\r\n"));
    ck_assert(!takes("pass\r\n\r\nbody"));
    ck_assert(!takes("pass\r\n \r\n\tx"));
    ck_assert(!takes("pass\n\tx"));
    ck_assert(!takes("pass\rx"));
    ck_assert(!takes("pass\r\r\n\tx"));
    ck_assert(!takes(" "));
    ck_assert(!takes(""));
    ck_assert(!takes("\r\n\tpass"));
    ck_assert(!auth_results_add_field(&results, "Received-SPF", slice_make("a\0b", 3)));
    ck_assert(!takes("caf\xc3\xa9"));
    ck_assert(!takes("\x7f"));
    ck_assert_str_eq(formatted(), "");
    teardown();
}
END_TEST

START_TEST(a_name_that_is_none_is_not_taken)
{
    setup();
    ck_assert(!auth_results_add_field(&results, "", SLICE("x")));
    ck_assert(!auth_results_add_field(&results, "a b", SLICE("x")));
    ck_assert(!auth_results_add_field(&results, "a:b", SLICE("x")));
    ck_assert(!auth_results_add_field(&results, "a\r\nb", SLICE("x")));
    ck_assert_str_eq(formatted(), "");
    teardown();
}
END_TEST

START_TEST(no_line_is_over_998_bytes)
{
    setup();
    char value[2000];
    memset(value, 'x', sizeof value);
    size_t most = 998 - strlen("Received-SPF: ");
    ck_assert(auth_results_add_field(&results, "Received-SPF", slice_make(value, most)));
    ck_assert(!auth_results_add_field(&results, "Received-SPF", slice_make(value, most + 1)));
    memcpy(value + most, "\r\n\t", 3);
    ck_assert(auth_results_add_field(&results, "Received-SPF", slice_make(value, most + 2 + 998)));
    ck_assert(!auth_results_add_field(&results, "Received-SPF", slice_make(value, most + 2 + 999)));
    teardown();
}
END_TEST

UNIT_MAIN("filters/auth_fields", fields_are_written_in_their_order, a_value_that_would_be_more_than_one_field_is_not_taken,
          a_name_that_is_none_is_not_taken, no_line_is_over_998_bytes)
