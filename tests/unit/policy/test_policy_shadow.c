#include "policy/policy_shadow.h"
#include "tests/unit/policy/policy_fixture.h"

static struct decision reject(const char *rule)
{
    return (struct decision){
        .action = ACTION_REJECT, .rule = rule, .reply_code = 550, .reply_enhanced = SLICE("5.7.1"), .reply_text = SLICE("No")};
}

START_TEST(equal_decisions_differ_in_nothing)
{
    char other[] = "rule"; /* an equal name at another place */
    struct decision a = reject("rule"), b = reject(other);
    ck_assert_uint_eq(policy_compare(&a, &b), 0);
    a = b = (struct decision){.action = ACTION_ACCEPT};
    ck_assert_uint_eq(policy_compare(&a, &b), 0);
}
END_TEST

START_TEST(each_difference_is_told_by_its_name)
{
    struct decision a = reject("rule"), b = a;
    struct policy_effect one = {.action = ACTION_DELAY, .rule = "x", .delay_ms = 1},
                         two = {.action = ACTION_DELAY, .rule = "y", .delay_ms = 1};
    b.rule = "other";
    ck_assert_uint_eq(policy_compare(&a, &b), DIFFERS_RULE);
    b.rule = NULL;
    ck_assert_uint_eq(policy_compare(&a, &b), DIFFERS_RULE);
    b = a;
    b.action = ACTION_DISCONNECT;
    ck_assert_uint_eq(policy_compare(&a, &b), DIFFERS_ACTION);
    b = a;
    b.reply_code = 554;
    ck_assert_uint_eq(policy_compare(&a, &b), DIFFERS_REPLY);
    b = a;
    b.reply_text = SLICE("Never");
    ck_assert_uint_eq(policy_compare(&a, &b), DIFFERS_REPLY);
    b = a;
    b.to = SLICE("box@example.com");
    ck_assert_uint_eq(policy_compare(&a, &b), DIFFERS_TARGET);
    b = a;
    b.effects = &one;
    ck_assert_uint_eq(policy_compare(&a, &b), DIFFERS_EFFECTS);
    a.effects = &two;
    ck_assert_uint_eq(policy_compare(&a, &b), 0); /* the same effect, of whatever rule */
    two.delay_ms = 2;
    ck_assert_uint_eq(policy_compare(&a, &b), DIFFERS_EFFECTS);
}
END_TEST

START_TEST(only_another_rule_is_no_difference_outside)
{
    ck_assert(!policy_differs_outside(0));
    ck_assert(!policy_differs_outside(DIFFERS_RULE));
    ck_assert(policy_differs_outside(DIFFERS_RULE | DIFFERS_REPLY));
    ck_assert(policy_differs_outside(DIFFERS_EFFECTS));
}
END_TEST

static const char live_yaml[] = "policies:\n"
                                "  p:\n"
                                "    rcpt:\n"
                                "      - {rule: live, when: {spf: fail, helo: bad.example}, do: reject, reply: \"550 5.7.1 No\"}\n";

/* The fixture's policy with another one as its candidate. */
static void load_pair(struct fixture *live, struct fixture *other, const char *candidate_yaml)
{
    fixture_must_load(live, live_yaml);
    fixture_must_load(other, candidate_yaml);
    live->policy->candidate = other->policy;
}

static const struct policy_difference *try(struct fixture *f, bool shadow, struct decision *d)
{
    policy_decide(f->policy, STAGE_RCPT, &f->facts, shadow, f->arena, d);
    return policy_try_candidate(d, STAGE_RCPT, &f->facts, f->arena);
}

START_TEST(a_candidate_decides_on_the_same_facts)
{
    struct fixture live, other;
    struct decision d;
    load_pair(&live, &other, "policies:\n  p:\n    rcpt:\n      - {rule: new, when: {spf: fail}, do: tempfail}\n");
    ck_assert_ptr_null(try(&live, false, &d)); /* no facts: both accept */
    fixture_set(&live, "spf", "fail");
    const struct policy_difference *diff = try(&live, false, &d);
    ck_assert_ptr_nonnull(diff);
    ck_assert_str_eq(diff->candidate, "p");
    ck_assert_uint_eq(diff->differs, DIFFERS_ACTION | DIFFERS_RULE | DIFFERS_REPLY);
    ck_assert_int_eq(diff->live.action, ACTION_ACCEPT);
    ck_assert_int_eq(diff->other.action, ACTION_TEMPFAIL);
    ck_assert_uint_eq(diff->saw_count, 1);
    ck_assert_int_eq(diff->saw[0], fixture_id(&live, "spf"));
    fixture_close(&live);
    fixture_close(&other);
}
END_TEST

START_TEST(where_no_rule_of_the_candidate_decides_the_live_rules_facts_are_told)
{
    struct fixture live, other;
    struct decision d;
    load_pair(&live, &other, "policies:\n  p: {}\n");
    fixture_set(&live, "spf", "fail");
    fixture_set(&live, "helo", "bad.example");
    const struct policy_difference *diff = try(&live, false, &d);
    ck_assert_ptr_nonnull(diff);
    ck_assert_int_eq(diff->live.action, ACTION_REJECT);
    ck_assert_ptr_null(diff->other.rule);
    ck_assert_uint_eq(diff->saw_count, 2);
    fixture_close(&live);
    fixture_close(&other);
}
END_TEST

START_TEST(in_shadow_the_policy_is_compared_as_if_it_acted)
{
    struct fixture live, other;
    struct decision d;
    load_pair(&live, &other, live_yaml);
    fixture_set(&live, "spf", "fail");
    fixture_set(&live, "helo", "bad.example");
    ck_assert_ptr_null(try(&live, true, &d));
    ck_assert(d.shadowed);
    other.policy->stages[STAGE_RCPT] = NULL;
    const struct policy_difference *diff = try(&live, true, &d);
    ck_assert_ptr_nonnull(diff);
    ck_assert(!diff->live.shadowed);
    fixture_close(&live);
    fixture_close(&other);
}
END_TEST

START_TEST(without_a_candidate_nothing_is_compared)
{
    struct fixture live;
    struct decision d;
    fixture_must_load(&live, live_yaml);
    fixture_set(&live, "spf", "fail");
    ck_assert_ptr_null(try(&live, false, &d));
    fixture_close(&live);
}
END_TEST

UNIT_MAIN("policy/policy_shadow", equal_decisions_differ_in_nothing, each_difference_is_told_by_its_name,
          only_another_rule_is_no_difference_outside, a_candidate_decides_on_the_same_facts,
          where_no_rule_of_the_candidate_decides_the_live_rules_facts_are_told, in_shadow_the_policy_is_compared_as_if_it_acted,
          without_a_candidate_nothing_is_compared)
