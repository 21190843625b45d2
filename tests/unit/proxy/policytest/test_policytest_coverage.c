/* policytest_coverage: which rules were reached. */
#include "proxy/policytest/policytest_coverage.h"
#include "tests/unit/proxy/policytest/policytest_fixture.h"

static struct policytest_suite suite;

static struct rehearsal_trial trial_of(size_t rule, bool matched)
{
    return (struct rehearsal_trial){.rule = suite.rules[rule].listing.rule, .matched = matched};
}

START_TEST(all_rules_of_all_policies_are_listed_by_stage)
{
    fixture_setup();
    suite = (struct policytest_suite){.settings = settings};
    policytest_coverage_init(&suite, arena);
    ck_assert_uint_eq(suite.rule_count, 5);
    ck_assert_uint_eq(suite.unreached, 5);
    ck_assert_str_eq(suite.rules[3].policy, "inbound");
    ck_assert_str_eq(suite.rules[3].listing.rule, "four");
    ck_assert_int_eq(suite.rules[3].listing.stage, STAGE_DATA);
    ck_assert_str_eq(suite.rules[3].listing.file, "fixture.yaml");
    ck_assert_uint_eq(suite.rules[3].listing.line, 12);
    ck_assert_str_eq(suite.rules[4].policy, "other");
    fixture_teardown();
}
END_TEST

START_TEST(a_rule_is_reached_when_it_matched_and_is_counted_once)
{
    fixture_setup();
    suite = (struct policytest_suite){.settings = settings};
    policytest_coverage_init(&suite, arena);
    struct rehearsal_trial two = trial_of(1, true), one = trial_of(0, false), three = trial_of(2, true);
    one.next = &two;
    struct rehearsal_step data = {.stage = STAGE_DATA, .trials = &three}, rcpt = {.stage = STAGE_RCPT, .trials = &one, .next = &data};
    policytest_coverage_note(&suite, &rcpt);
    policytest_coverage_note(&suite, &rcpt);
    ck_assert_uint_eq(suite.unreached, 3);
    ck_assert(!suite.rules[0].reached);
    ck_assert(suite.rules[1].reached);
    ck_assert(suite.rules[2].reached);
    fixture_teardown();
}
END_TEST

START_TEST(rules_of_one_name_in_two_policies_are_two)
{
    fixture_setup();
    suite = (struct policytest_suite){.settings = settings};
    policytest_coverage_init(&suite, arena);
    struct rehearsal_trial other = trial_of(4, true);
    ck_assert_ptr_eq(policytest_coverage_find(&suite, &other), &suite.rules[4]);
    struct rehearsal_step step = {.stage = STAGE_MAIL, .trials = &other};
    policytest_coverage_note(&suite, &step);
    ck_assert(suite.rules[4].reached);
    ck_assert(!suite.rules[0].reached);
    fixture_teardown();
}
END_TEST

UNIT_MAIN("policytest_coverage", all_rules_of_all_policies_are_listed_by_stage, a_rule_is_reached_when_it_matched_and_is_counted_once,
          rules_of_one_name_in_two_policies_are_two)
