/* Proves policy/policy_load.c, rule.c and policy_loader.c: the design's example loads, and every mistake has its place. */
#include "tests/unit/policy/policy_fixture.h"

static const char design_example[] =
    "lists: {relays: [192.0.2.0/24]}\n"
    "policies:\n"
    "  p:\n"
    "    rcpt:\n"
    "      - rule: our relays\n"
    "        when: {client.ip: {in: relays}}\n"
    "        do: trust                                  # no further rules or filters for this session\n"
    "      - rule: rate\n"
    "        when: {any: [{rate.per_net: over}, {rate.per_sender: over}]}\n"
    "        do: tempfail\n"
    "        reply: \"451 4.7.1 Rate limit, try again in {retry_after}\"\n"
    "      - rule: spf hard fail\n"
    "        mode: shadow                               # decide, log, count; do not act\n"
    "        when: {spf: fail}\n"
    "        do: reject\n"
    "        reply: \"550 5.7.23 {client.ip} is not allowed to send for {mail_from.domain}\"\n"
    "    data:\n"
    "      - rule: spoofed, and nothing speaks for it\n"
    "        when: {dmarc: fail, dmarc.policy: reject, header.List-Id: absent, dkim: {not: pass}, spf: {not: pass}}\n"
    "        do: reject\n"
    "        reply: \"550 5.7.1 DMARC policy of {from.domain}\"\n"
    "      - rule: dmarc\n"
    "        when: {dmarc: fail, dmarc.policy: [quarantine, reject]}\n"
    "        do: quarantine\n";

START_TEST(the_designs_example_loads_and_decides)
{
    struct fixture f;
    fixture_must_load(&f, design_example);
    fixture_set(&f, "client.ip", "192.0.2.7");
    ck_assert_int_eq(fixture_decide(&f, STAGE_RCPT).action, ACTION_TRUST);
    fixture_set(&f, "client.ip", "198.51.100.7");
    fixture_set(&f, "spf", "fail");
    struct decision d = fixture_decide(&f, STAGE_RCPT);
    ck_assert_int_eq(d.action, ACTION_ACCEPT);
    ck_assert_str_eq(d.shadow->rule, "spf hard fail");
    fixture_set(&f, "rate.per_sender", "over");
    fixture_set(&f, "rate.retry_after", "90");
    d = fixture_decide(&f, STAGE_RCPT);
    ck_assert_int_eq(d.action, ACTION_TEMPFAIL);
    ck_assert_int_eq(d.reply_code, 451);
    ck_slice_eq(d.reply_enhanced, "4.7.1");
    ck_slice_eq(d.reply_text, "Rate limit, try again in 90");
    fixture_set(&f, "dmarc", "fail");
    fixture_set(&f, "dmarc.policy", "reject");
    fixture_set(&f, "from.domain", "bank.example");
    d = fixture_decide(&f, STAGE_DATA);
    ck_assert_int_eq(d.action, ACTION_REJECT);
    ck_slice_eq(d.reply_text, "DMARC policy of bank.example");
    fixture_set(&f, "header.List-Id", "<l.example>");
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_QUARANTINE);
    fixture_set(&f, "dmarc", "temperror");
    ck_assert_ptr_null(fixture_decide(&f, STAGE_DATA).rule);
    fixture_close(&f);
}
END_TEST

START_TEST(a_policy_may_be_empty)
{
    struct fixture f;
    fixture_must_load(&f, "policies: {p: {rcpt: , data: []}}");
    ck_assert(!policy_has_stage(f.policy, STAGE_RCPT) && !policy_has_stage(f.policy, STAGE_DATA));
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_ACCEPT);
    fixture_close(&f);
    fixture_must_load(&f, "policies: {}");
    ck_assert_ptr_nonnull(f.policy);
    fixture_close(&f);
}
END_TEST

START_TEST(every_stage_takes_rules)
{
    struct fixture f;
    fixture_must_load(&f, "policies: {p: {connect: [{rule: a, when: {client.ip: 192.0.2.1}, do: reject}],"
                          " helo: [{rule: b, when: {helo: x}, do: reject}], mail: [{rule: c, when: {mail_from: '<>'}, do: tempfail}],"
                          " rcpt: [{rule: d, when: {rcpt: a@b}, do: accept}], data: [{rule: e, when: {size: 1}, do: discard}]}}");
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        ck_assert(policy_has_stage(f.policy, (enum stage)stage));
    fixture_set(&f, "client.ip", "192.0.2.1");
    fixture_set(&f, "helo", "x");
    fixture_set(&f, "mail_from", "");
    fixture_set(&f, "size", "1");
    ck_assert_int_eq(fixture_decide(&f, STAGE_CONNECT).reply_code, 554);
    ck_assert_int_eq(fixture_decide(&f, STAGE_HELO).reply_code, 550);
    ck_assert_int_eq(fixture_decide(&f, STAGE_MAIL).reply_code, 451);
    struct decision d = fixture_decide(&f, STAGE_DATA);
    ck_assert_int_eq(d.action, ACTION_DISCARD);
    ck_assert_int_eq(d.reply_code, 0);
    fixture_close(&f);
}
END_TEST

static void notes(const char *rules, unsigned line, const char *text)
{
    struct fixture f;
    char yaml[3000];
    snprintf(yaml, sizeof yaml, "policies:\n p:\n%s", rules);
    fixture_load(&f, yaml);
    ck_assert_msg(fixture_find_error(&f, line, text) != NULL, "expected \"%s\" in line %u, got \"%s\" in line %u for:\n%s", text, line,
                  f.errors.first ? f.errors.first->text : "nothing", f.errors.first ? f.errors.first->line : 0, yaml);
    fixture_close(&f);
}

START_TEST(mistakes_have_their_place)
{
    notes("  rcpt:\n   - rule: a\n     when: {dkim: fail}\n     do: reject\n", 5,
          "rcpt[0].when.dkim: \"dkim\" is not known yet at stage rcpt; it is from stage data on");
    notes("  connect:\n   - rule: a\n     when: {header.X: a}\n     do: reject\n", 5, "from stage data on");
    notes("  mail:\n   - {rule: a, when: {spf: fail}, do: reject}\n", 4, "from stage rcpt on");
    notes("  rcpt:\n   - rule: a\n     do: reject\n     reply: \"550 5.7.1 {dkim}\"\n", 6, "not known yet at stage rcpt");
    notes("  rctp:\n   - {rule: a, do: reject}\n", 3, "unknown stage \"rctp\"; did you mean \"rcpt\"?");
    notes("  rcpt: {rule: a}\n", 3, "a list of rules is needed");
    notes("  - x\n", 3, "a policy is a mapping of stages");
    notes("  rcpt:\n   - a\n", 4, "a rule is a mapping");
    notes("  rcpt:\n   - {do: reject}\n", 4, "\"rule\" is missing");
    notes("  rcpt:\n   - {rule: '', do: reject}\n", 4, "printable ASCII");
    notes("  rcpt:\n   - {rule: [a], do: reject}\n", 4, "a rule's name is needed");
    notes("  rcpt:\n   - {rule: a}\n", 4, "\"do\" is missing");
    notes("  rcpt:\n   - {rule: a, do: rejekt}\n", 4, "unknown action \"rejekt\"; did you mean \"reject\"?");
    notes("  rcpt:\n   - {rule: a, do: [reject]}\n", 4, "an action is needed");
    notes("  rcpt:\n   - {rule: a, do: reject, mode: shade}\n", 4, "unknown mode \"shade\"");
    notes("  rcpt:\n   - {rule: a, do: reject, wehn: {spf: fail}}\n", 4, "unknown key \"wehn\"; did you mean \"when\"?");
    notes("  rcpt:\n   - {rule: a, do: quarantine}\n", 4, "quarantine is possible at stage data only");
    notes("  rcpt:\n   - {rule: a, do: tag, header: {X-A: b}}\n", 4, "tag is possible at stage data only");
    notes("  data:\n   - {rule: a, do: tag}\n", 4, "\"header\" is missing");
    notes("  data:\n   - {rule: a, do: reject, header: {X-A: b}}\n", 4, "reject takes no \"header\"; it belongs to tag");
    notes("  rcpt:\n   - {rule: a, when: {spf: fail}, do: reject}\n   - {rule: a, do: reject}\n", 5, "a rule \"a\" already, in line 4");
    notes("  rcpt:\n   - {rule: a, do: reject}\n  data:\n   - {rule: a, do: reject}\n", 6, "a rule \"a\" already, in line 4");
}
END_TEST

START_TEST(rules_behind_an_unconditional_decision_are_warned_of)
{
    struct fixture f;
    fixture_load(&f, "policies: {p: {rcpt: [{rule: a, do: accept},\n {rule: b, when: {spf: fail}, do: reject}]}}");
    ck_assert_uint_eq(f.errors.errors, 0);
    ck_assert_uint_eq(f.errors.warnings, 1);
    ck_assert_ptr_nonnull(fixture_find_error(&f, 2, "rule \"b\" is never reached: rule \"a\" before it has no condition"));
    fixture_close(&f);
    fixture_must_load(&f, "policies: {p: {data: [{rule: a, do: accept, mode: shadow}, {rule: b, do: tag, header: {X-A: b}},"
                          " {rule: c, when: {spf: fail}, do: accept}, {rule: d, do: reject}]}}");
    fixture_close(&f);
}
END_TEST

START_TEST(all_mistakes_of_a_policy_are_told_at_once)
{
    struct fixture f;
    fixture_load(&f, "lists: {l: [192.0.2.0/33]}\n"
                     "policies:\n"
                     "  p:\n"
                     "    rcpt:\n"
                     "      - {rule: a, when: {dkim: pass}, do: rejct, reply: '250 x'}\n"
                     "      - {when: {spf: bad}, do: reject, reply: '450 4.7.1 x'}\n"
                     "    date: []\n");
    static const char *const expected[] = {"not an address",      "not known yet",    "unknown action",
                                           "\"rule\" is missing", "\"spf\" is never", "unknown stage"};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_msg(fixture_find_error(&f, 0, expected[i]) != NULL, "%s", expected[i]);
    fixture_close(&f);
}
END_TEST

START_TEST(a_fact_that_does_not_exist_points_to_the_list_of_those_that_do)
{
    struct fixture f;
    fixture_load(&f, "policies: {p: {data: [{rule: r, when: {weather.today: fair}, do: accept}]}}\n");
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "unknown fact \"weather.today\"; `mailweir config facts` lists them"));
    fixture_close(&f);
}
END_TEST

START_TEST(a_policy_with_nothing_below_it_is_warned_about)
{
    struct fixture f;
    fixture_load(&f, "policies:\n  p:\n");
    ck_assert_ptr_nonnull(fixture_find_error(&f, 2, "policies.p: there are no rules below it: all mail is accepted"));
    ck_assert_uint_eq(f.errors.errors, 0);
    fixture_close(&f);
    fixture_must_load(&f, "policies: {p: {}}\n");
    fixture_close(&f);
}
END_TEST

START_TEST(facts_that_never_come_are_warned_about_where_they_stand)
{
    struct fixture f;
    fixture_open(&f);
    fact_schema_set_off(f.schema, fixture_id(&f, "dkim"), fixture_id(&f, "dkim") + 1, "dkim");
    static const char yaml[] = "data:\n"
                               "  - rule: r\n"
                               "    when: {size: {over: 5}, dkim: fail}\n"
                               "    do: reject\n"
                               "    reply: \"550 5.7.1 {dkim}\"\n";
    const struct conf_node *root = conf_read_text(slice_of(yaml), "t.yaml", f.arena, &f.errors);
    struct policy_context context = fixture_context(&f);
    policy_load(root, "p", &context);
    ck_assert_uint_eq(f.errors.errors, 0);
    ck_assert_uint_eq(f.errors.warnings, 2);
    const struct conf_error *when = fixture_find_error(&f, 3, "\"dkim\" is always absent: filter dkim is off");
    ck_assert_ptr_nonnull(when);
    ck_assert_uint_eq(when->column, 29);
    ck_assert_ptr_nonnull(fixture_find_error(&f, 5, "\"dkim\" is always absent: filter dkim is off"));
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/policy_load", the_designs_example_loads_and_decides, a_policy_may_be_empty, every_stage_takes_rules,
          mistakes_have_their_place, rules_behind_an_unconditional_decision_are_warned_of, all_mistakes_of_a_policy_are_told_at_once,
          a_fact_that_does_not_exist_points_to_the_list_of_those_that_do, a_policy_with_nothing_below_it_is_warned_about,
          facts_that_never_come_are_warned_about_where_they_stand)
