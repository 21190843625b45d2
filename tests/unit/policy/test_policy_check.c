/* Proves policy/policy_check.c: rules that cannot apply are warned of where they stand, others are not. */
#include "tests/unit/policy/policy_fixture.h"

#include "base/buf.h"

static void load_data(struct fixture *f, const char *rules)
{
    char yaml[2000];
    snprintf(yaml, sizeof yaml, "policies:\n p:\n  split: lenient\n  data:\n%s", rules);
    fixture_load_warned(f, yaml);
}

static void warns(const char *rules, unsigned line, const char *text)
{
    struct fixture f;
    load_data(&f, rules);
    ck_assert_msg(fixture_find_error(&f, line, text) != NULL, "expected \"%s\", got \"%s\" for:\n%s", text,
                  f.errors.first ? f.errors.first->text : "nothing", rules);
    ck_assert_uint_eq(f.errors.warnings, 1);
    fixture_close(&f);
}

static void is_silent(const char *rules)
{
    struct fixture f;
    load_data(&f, rules);
    ck_assert_msg(f.errors.warnings == 0, "%s for:\n%s", f.errors.first ? f.errors.first->text : "", rules);
    fixture_close(&f);
}

START_TEST(a_rule_behind_one_that_always_decides_before_is_never_reached)
{
    warns("   - {rule: a, do: accept}\n   - {rule: b, when: {spf: fail}, do: reject}\n", 6,
          "rule \"b\" is never reached: rule \"a\" before it has no condition");
    warns("   - {rule: a, when: {spf: fail}, do: accept}\n   - {rule: b, when: {spf: fail, dkim: fail}, do: reject}\n", 6,
          "rule \"b\" is never reached: whenever it applies, rule \"a\" in line 5 decides before");
    warns("   - {rule: a, when: {spf: [fail, softfail]}, do: accept}\n   - {rule: b, when: {spf: softfail}, do: delay, for: 1s}\n", 6,
          "rule \"b\" is never reached");
    warns("   - {rule: a, when: {spf: fail}, do: accept}\n   - {rule: b, mode: shadow, when: {spf: fail}, do: reject}\n", 6,
          "rule \"b\" is never reached");
}
END_TEST

START_TEST(a_rule_that_may_be_reached_is_left_alone)
{
    is_silent("   - {rule: a, mode: shadow, do: reject}\n   - {rule: b, when: {spf: fail}, do: reject}\n");
    is_silent("   - {rule: a, do: tag, header: {X-A: b}}\n   - {rule: b, when: {spf: fail}, do: reject}\n");
    is_silent("   - {rule: a, when: {spf: fail, dkim: fail}, do: accept}\n   - {rule: b, when: {spf: fail}, do: reject}\n");
    is_silent("   - {rule: a, when: {spf: fail}, do: delay, for: 2s}\n   - {rule: b, when: {spf: fail}, do: reject}\n");
}
END_TEST

START_TEST(a_condition_that_contradicts_itself_is_told)
{
    warns("   - {rule: a, do: reject, when: {all: [{spf: fail}, {spf: pass}]}}\n", 5,
          "data[0].when: this can never hold: what it says of \"spf\" contradicts itself (for one of several values write a list)");
}
END_TEST

START_TEST(names_that_differ_in_case_are_two)
{
    struct fixture f;
    fixture_must_load(
        &f, "policies: {p: {rcpt: [{rule: a, when: {spf: fail}, do: accept}, {rule: A, do: accept}], data: [{rule: aa, do: accept}]}}");
    fixture_close(&f);
}
END_TEST

START_TEST(rules_of_other_stages_do_not_count)
{
    struct fixture f;
    fixture_must_load(&f, "policies: {p: {rcpt: [{rule: a, do: accept}], data: [{rule: b, do: reject}]}}");
    fixture_close(&f);
}
END_TEST

START_TEST(a_condition_with_a_mistake_makes_no_further_noise)
{
    struct fixture f;
    fixture_load(&f, "policies: {p: {data: [{rule: a, when: {spff: fail}, do: accept}, {rule: b, when: {spf: fail}, do: reject},\n"
                     "{rule: c, when: {spff: fail}, do: reject}]}}");
    ck_assert_uint_eq(f.errors.errors, 2);
    ck_assert_uint_eq(f.errors.warnings, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(a_policy_of_ten_megabytes_loads)
{
    struct fixture f;
    struct buf yaml = {0};
    buf_add_text(&yaml, "policies:\n p:\n  data:\n");
    for (int i = 0; yaml.len < 10 * 1000 * 1000; i++)
        buf_add_format(&yaml, "  - {rule: r%d, when: {size: %d, header.X: [a%d, b%d, \"%0100d\"]}, do: accept}\n", i, i, i, i, i);
    fixture_must_load(&f, yaml.ptr);
    fixture_set(&f, "size", "40000");
    fixture_set(&f, "header.X", "b40000");
    ck_assert_str_eq(fixture_decide(&f, STAGE_DATA).rule, "r40000");
    buf_release(&yaml);
    fixture_close(&f);
}
END_TEST

START_TEST(a_condition_of_many_parts_is_checked_in_bounded_work)
{
    struct fixture f;
    struct buf yaml = {0};
    buf_add_text(&yaml, "policies: {p: {data: [{rule: a, do: reject, when: {all: [");
    for (int i = 0; i < 60 * 1000; i++)
        buf_add_format(&yaml, "{size: {not: %d}},\n", i);
    buf_add_text(&yaml, "]}}]}}");
    fixture_must_load(&f, yaml.ptr);
    fixture_set(&f, "size", "60000");
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_REJECT);
    buf_release(&yaml);
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/policy_check", a_rule_behind_one_that_always_decides_before_is_never_reached, a_rule_that_may_be_reached_is_left_alone,
          a_condition_that_contradicts_itself_is_told, names_that_differ_in_case_are_two, rules_of_other_stages_do_not_count,
          a_condition_with_a_mistake_makes_no_further_noise, a_policy_of_ten_megabytes_loads,
          a_condition_of_many_parts_is_checked_in_bounded_work)
