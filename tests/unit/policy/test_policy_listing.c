/* policy_listing: which rules there are. */
#include "tests/unit/policy/policy_fixture.h"

START_TEST(rules_are_listed_by_stage_and_order_with_their_places)
{
    struct fixture f;
    size_t count;
    fixture_must_load(&f, "policies:\n"
                          "  p:\n"
                          "    data:\n"
                          "      - {rule: last, when: {size: {over: 1}}, do: reject}\n"
                          "    rcpt:\n"
                          "      - {rule: b, when: {spf: fail}, do: reject}\n"
                          "      - {rule: a, mode: shadow, do: reject}\n");
    const struct policy_listing *list = policy_list_rules(f.policy, f.arena, &count);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(list[0].rule, "b");
    ck_assert_int_eq(list[0].stage, STAGE_RCPT);
    ck_assert_str_eq(list[0].file, "t.yaml");
    ck_assert_uint_eq(list[0].line, 6);
    ck_assert_str_eq(list[1].rule, "a");
    ck_assert_str_eq(list[2].rule, "last");
    ck_assert_int_eq(list[2].stage, STAGE_DATA);
    ck_assert_uint_eq(list[2].line, 4);
    fixture_close(&f);
}
END_TEST

static void keep_rule(void *ctx, const struct policy_trial *trial)
{
    const char **rule = ctx;
    *rule = trial->rule;
}

START_TEST(a_listed_rule_is_the_one_that_is_tried)
{
    struct fixture f;
    size_t count;
    const char *tried = NULL;
    fixture_must_load(&f, "policies: {p: {rcpt: [{rule: only, do: reject}]}}");
    struct decision d;
    policy_decide_traced(f.policy, STAGE_RCPT, &f.facts, false, f.arena, &d, &(struct policy_trace){keep_rule, &tried});
    ck_assert_ptr_eq(policy_list_rules(f.policy, f.arena, &count)[0].rule, tried);
    fixture_close(&f);
}
END_TEST

START_TEST(a_policy_without_rules_lists_none)
{
    struct fixture f;
    size_t count = 7;
    fixture_must_load(&f, "policies: {p: {}}");
    policy_list_rules(f.policy, f.arena, &count);
    ck_assert_uint_eq(count, 0);
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy_listing", rules_are_listed_by_stage_and_order_with_their_places, a_listed_rule_is_the_one_that_is_tried,
          a_policy_without_rules_lists_none)
