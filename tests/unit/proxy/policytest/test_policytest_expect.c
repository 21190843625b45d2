/* policytest_expect: what a case expects. */
#include "proxy/policytest/policytest_expect.h"
#include "tests/unit/proxy/policytest/policytest_fixture.h"

static struct policytest_picture p;

static void expect(const char *yaml, const struct policy_settings *policy)
{
    policytest_expect_load(&reader, conf_get(fixture_read(yaml), "expect"), policy, &p);
}

static size_t count_known(void)
{
    size_t n = 0;
    for (int a = 0; a < POLICYTEST_ASPECTS; a++)
        n += p.of[a].known;
    return n;
}

START_TEST(a_word_is_an_action_and_nothing_else_is_checked)
{
    fixture_setup();
    expect("expect: quarantine", NULL);
    ck_slice_eq(p.of[POLICYTEST_ACTION].items[0], "quarantine");
    ck_assert_uint_eq(count_known(), 1);
    ck_assert_uint_eq(errors.errors, 0);
    fixture_teardown();
}
END_TEST

START_TEST(every_aspect_can_be_named)
{
    fixture_setup();
    expect("expect: {action: redirect, rule: four, reply: 550, to: a@b, shadow: [three], effects: {tag: {X-A: b, X-C: d},"
           " remove_header: [X-B, X-C], subject_tag: \"[x] \", add_recipient: c@d, delay: 90s}}",
           NULL);
    ck_assert_uint_eq(errors.errors, 0);
    ck_assert_uint_eq(count_known(), POLICYTEST_ASPECTS);
    ck_slice_eq(p.of[POLICYTEST_TAG].items[1], "X-C: d");
    ck_slice_eq(p.of[POLICYTEST_REMOVE_HEADER].items[1], "X-C");
    ck_slice_eq(p.of[POLICYTEST_SUBJECT_TAG].items[0], "[x] ");
    ck_slice_eq(p.of[POLICYTEST_DELAY].items[0], "90s");
    fixture_teardown();
}
END_TEST

START_TEST(null_and_empty_lists_stand_for_none)
{
    fixture_setup();
    expect("expect: {rule: ~, reply: ~, shadow: [], effects: {add_recipient: [], tag: {}}}", NULL);
    ck_assert_uint_eq(errors.errors, 0);
    ck_assert_uint_eq(count_known(), 5);
    ck_assert(p.of[POLICYTEST_RULE].known && p.of[POLICYTEST_RULE].count == 0);
    ck_assert(p.of[POLICYTEST_TAG].known && p.of[POLICYTEST_TAG].count == 0);
    expect("expect: {effects: none}", NULL);
    ck_assert_uint_eq(count_known(), 5);
    ck_assert(!p.of[POLICYTEST_SHADOW].known && p.of[POLICYTEST_DELAY].known);
    fixture_teardown();
}
END_TEST

START_TEST(a_rule_is_one_of_the_policy)
{
    fixture_setup();
    expect("expect: {rule: four}", &settings->policies[1]);
    ck_assert(fixture_noted("\"four\" is not the name of a rule"));
    conf_errors_init(&errors, arena);
    expect("expect: {rule: four}", &settings->policies[0]);
    ck_assert_uint_eq(errors.errors, 0);
    fixture_teardown();
}
END_TEST

START_TEST(what_cannot_be_expected_is_told)
{
    static const struct {
        const char *yaml, *text;
    } bad[] = {
        {"expect: rejekt", "\"rejekt\" is not an action that decides; did you mean \"reject\"?"},
        {"expect: tag", "\"tag\" is not an action that decides"},
        {"expect: {action: delay}", "\"delay\" is not an action that decides"},
        {"expect: {rule: fourr}", "\"fourr\" is not the name of a rule; did you mean \"four\"?"},
        {"expect: {shadow: [thre]}", "shadow[0]: \"thre\" is not the name of a rule; did you mean \"three\"?"},
        {"expect: {}", "nothing is expected: this case could not fail"},
        {"expect: {reaply: 550}", "unknown key \"reaply\"; did you mean \"reply\"?"},
        {"expect: {tag: {X-A: b}}", "unknown key \"tag\""},
        {"expect: {effects: {tagg: 1}}", "unknown key \"tagg\"; did you mean \"tag\"?"},
        {"expect: {effects: {tag: X-A}}", "fields are a mapping such as {X-Policy: \"spf=fail\"}, not a scalar"},
        {"expect: {effects: {delay: 5}}", "\"5\" is no duration with a unit"},
        {"expect: {effects: some}", "what the rules that go on do, or none, is a mapping, not a scalar"},
        {"expect: [reject]", "an expectation is a mapping, not a list"},
    };
    fixture_setup();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        conf_errors_init(&errors, arena);
        expect(bad[i].yaml, NULL);
        ck_assert_msg(fixture_noted(bad[i].text) && errors.errors == 1, "%s does not say: %s", bad[i].yaml, bad[i].text);
    }
    fixture_teardown();
}
END_TEST

UNIT_MAIN("policytest_expect", a_word_is_an_action_and_nothing_else_is_checked, every_aspect_can_be_named,
          null_and_empty_lists_stand_for_none, a_rule_is_one_of_the_policy, what_cannot_be_expected_is_told)
