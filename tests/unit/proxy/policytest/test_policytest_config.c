/* policytest_config: which configuration a test file is for. */
#include "proxy/policytest/policytest_config.h"
#include "tests/unit/proxy/policytest/policytest_fixture.h"

START_TEST(a_configuration_is_named_beside_the_test_file)
{
    fixture_setup();
    const char *path;
    const struct conf_node *tree;
    struct conf_node *root = conf_read_text(SLICE("{config: x.yaml, cases: []}"), "dir/t.yaml", arena, &errors);
    policytest_config_load(&reader, root, &path, &tree);
    ck_assert_str_eq(path, "dir/x.yaml");
    ck_assert_ptr_null(tree);
    policytest_config_load(&reader, fixture_read("{policy: inbound, cases: []}"), &path, &tree);
    ck_assert_ptr_null(path);
    ck_assert_ptr_null(tree);
    ck_assert_uint_eq(errors.errors, 0);
    fixture_teardown();
}
END_TEST

START_TEST(a_policy_in_the_file_becomes_a_configuration_without_warnings)
{
    fixture_setup();
    const char *path;
    const struct conf_node *tree;
    const struct conf_node *root = fixture_read("policy: {rcpt: [{rule: mine, when: {client.ip: {in: ours}}, do: trust}]}\n"
                                                "lists: {ours: [192.0.2.1]}\n"
                                                "cases: []\n");
    policytest_config_load(&reader, root, &path, &tree);
    ck_assert_ptr_nonnull(tree);
    struct settings *made = settings_load_tree(tree, "t.yaml", &errors);
    ck_assert_ptr_nonnull(made);
    ck_assert_uint_eq(errors.warnings, 0);
    ck_assert(policy_has_stage(made->listeners[0].policy_loaded, STAGE_RCPT));
    ck_assert(!policy_has_stage(made->listeners[0].policy_loaded, STAGE_DATA));
    ck_assert_ptr_null(root->children->next->next->next);
    settings_free(&made);
    fixture_teardown();
}
END_TEST

START_TEST(errors_of_a_policy_in_the_file_have_their_place_there)
{
    fixture_setup();
    const char *path;
    const struct conf_node *tree;
    policytest_config_load(&reader, fixture_read("policy:\n  rcpt:\n    - {rule: mine, when: {dmarc: fail}, do: reject}\n"), &path, &tree);
    ck_assert_ptr_null(settings_load_tree(tree, "t.yaml", &errors));
    ck_assert_uint_eq(errors.first->line, 3);
    ck_assert_uint_eq(errors.first->column, 27);
    ck_assert(fixture_noted("policy.rcpt[0].when.dmarc"));
    fixture_teardown();
}
END_TEST

START_TEST(only_one_policy_is_under_test)
{
    fixture_setup();
    const char *path;
    const struct conf_node *tree;
    policytest_config_load(&reader, fixture_read("{config: a.yaml, policy: {}}"), &path, &tree);
    policytest_config_load(&reader, fixture_read("{config: a.yaml, lists: {}}"), &path, &tree);
    policytest_config_load(&reader, fixture_read("{confg: a.yaml}"), &path, &tree);
    ck_assert(fixture_noted("config: the policy stands in this file already, under `policy`"));
    ck_assert(fixture_noted("lists: lists stand beside a policy in this file"));
    ck_assert(fixture_noted("unknown key \"confg\"; did you mean \"config\"?"));
    ck_assert_uint_eq(errors.errors, 3);
    fixture_teardown();
}
END_TEST

UNIT_MAIN("policytest_config", a_configuration_is_named_beside_the_test_file, a_policy_in_the_file_becomes_a_configuration_without_warnings,
          errors_of_a_policy_in_the_file_have_their_place_there, only_one_policy_is_under_test)
