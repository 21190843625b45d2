#include "tests/unit/base/conf_fixture.h"

START_TEST(errors_print_in_file_and_line_order)
{
    struct conf_fixture f;
    fixture_begin(&f);
    conf_error_in(&f.errors, "b.yaml", 1, 1, "first noted");
    conf_error_in(&f.errors, "a.yaml", 10, 2, "ten two");
    conf_error_in(&f.errors, "a.yaml", 9, 7, "nine");
    conf_error_in(&f.errors, "a.yaml", 10, 1, "ten one");
    conf_error_in(&f.errors, "a.yaml", 0, 0, "whole file");
    ck_assert_str_eq(fixture_print(&f), "a.yaml: error: whole file\na.yaml:9:7: error: nine\na.yaml:10:1: error: ten one\n"
                                        "a.yaml:10:2: error: ten two\nb.yaml:1:1: error: first noted\n");
    ck_assert_uint_eq(f.errors.errors, 5);
    fixture_end(&f);
}
END_TEST

START_TEST(errors_at_one_place_stay_in_order)
{
    struct conf_fixture f;
    fixture_begin(&f);
    for (int i = 0; i < 20; i++)
        conf_error_in(&f.errors, "a", 1, 1, "%02d", i);
    const char *printed = fixture_print(&f);
    for (int i = 0; i < 20; i++) {
        char line[32];
        snprintf(line, sizeof line, "a:1:1: error: %02d\n", i);
        ck_assert_msg(strncmp(printed + (size_t)i * strlen(line), line, strlen(line)) == 0, "line %d is out of order", i);
    }
    fixture_end(&f);
}
END_TEST

START_TEST(errors_at_nodes_carry_path_and_place)
{
    struct conf_fixture f;
    fixture_begin(&f);
    const struct conf_node *root = fixture_read(&f, "policies:\n  inbound:\n    rcpt:\n      - {do: x}\n");
    const struct conf_node *rcpt = conf_get(conf_get(conf_get(root, "policies"), "inbound"), "rcpt");
    conf_error_at(&f.errors, conf_get(rcpt->children, "do"), "bad %s", "word");
    conf_error_at_key(&f.errors, conf_get(rcpt->children, "do"), "bad key");
    conf_warning_at(&f.errors, root, "about all");
    conf_error_at(&f.errors, NULL, "nowhere");
    ck_assert_str_eq(fixture_print(&f), "error: nowhere\nt.yaml:1:1: warning: about all\n"
                                        "t.yaml:4:10: error: policies.inbound.rcpt[0].do: bad key\n"
                                        "t.yaml:4:14: error: policies.inbound.rcpt[0].do: bad word\n");
    ck_assert_uint_eq(f.errors.errors, 3);
    ck_assert_uint_eq(f.errors.warnings, 1);
    fixture_end(&f);
}
END_TEST

START_TEST(bytes_from_outside_are_shown_escaped)
{
    struct conf_fixture f;
    fixture_begin(&f);
    const struct conf_node *root = fixture_read(&f, "\"a\\x1b\": 1\n");
    conf_error_at(&f.errors, root->children, "unknown \"%s\"", "x\ny\x07");
    conf_error_in(&f.errors, "evil\nname", 1, 1, "text");
    ck_assert_str_eq(fixture_print(&f), "evil\\x0aname:1:1: error: text\nt.yaml:1:10: error: a\\x1b: unknown \"x\\x0ay\\x07\"\n");
    fixture_end(&f);
}
END_TEST

START_TEST(errors_outlive_the_tree_they_are_about)
{
    struct conf_fixture f;
    fixture_begin(&f);
    struct arena *other = arena_new();
    struct conf_node *root = conf_read_text(SLICE("key: value\n"), "gone.yaml", other, &f.errors);
    conf_error_at(&f.errors, root->children, "wrong");
    arena_free(&other);
    ck_assert_str_eq(fixture_print(&f), "gone.yaml:1:6: error: key: wrong\n");
    fixture_end(&f);
}
END_TEST

START_TEST(number_and_length_of_errors_are_bounded)
{
    struct conf_fixture f;
    char *big = malloc(100001);
    memset(big, 'x', 100000);
    big[100000] = '\0';
    fixture_begin(&f);
    for (int i = 0; i < CONF_ERRORS_KEPT + 7; i++)
        conf_error_in(&f.errors, "a", 1, 1, "%s", big);
    const char *printed = fixture_print(&f);
    ck_assert_uint_eq(f.errors.errors, CONF_ERRORS_KEPT + 7);
    ck_assert_ptr_nonnull(strstr(printed, "xxx...\n... and 7 more\n"));
    ck_assert_uint_lt(strlen(printed), CONF_ERRORS_KEPT * 1100);
    fixture_end(&f);
    free(big);
}
END_TEST

UNIT_MAIN("base/conf_error", errors_print_in_file_and_line_order, errors_at_one_place_stay_in_order, errors_at_nodes_carry_path_and_place,
          bytes_from_outside_are_shown_escaped, errors_outlive_the_tree_they_are_about, number_and_length_of_errors_are_bounded)
