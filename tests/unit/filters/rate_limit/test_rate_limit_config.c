/* Proves filters/rate_limit/rate_limit_config.c and the checks of rate_limit_rules.c. */
#include "tests/unit/filters/rate_limit/rate_fixture.h"

/** limits: what stands under `limits`, indented by two; it begins in line 4. */
static void expect_error(const char *limits, unsigned line, const char *text)
{
    struct buf yaml = {0};
    buf_add_format(&yaml, "lists: {nets: [192.0.2.0/24], domains: [example.com]}\nfilter:\n limits:\n%s", limits);
    rate_configure(yaml.ptr);
    const struct conf_error *e = rate.errors.first;
    while (e && !strstr(e->text, text))
        e = e->next;
    ck_assert_msg(e, "no error \"%s\" for:\n%s\nfirst: %s", text, yaml.ptr, rate.errors.first ? rate.errors.first->text : "none");
    ck_assert_uint_eq(e->line, line);
    buf_release(&yaml);
    arena_free(&rate.arena);
}

START_TEST(mistakes_in_limits_are_told_where_they_stand)
{
    expect_error("  a: {rate: 1/1h, key: [client.ip,\n    sendr]}\n", 5, "did you mean \"sender\"?");
    expect_error("  a: {rate: 1/1h, key: rcpt.domian}\n", 4, "did you mean \"rcpt.domain\"?");
    expect_error("  a: {rate: 1/1h, key: [sender, sender]}\n", 4, "stands twice");
    expect_error("  a: {rate: 1/1h, key: []}\n", 4, "\"key\" is empty");
    expect_error("  a: {rate: 1/1h, key: rate}\n", 4, "unknown key part");
    expect_error("  limit: 1/1h\n", 4, "is taken");
    expect_error("  a b: 1/1h\n", 4, "a limit's name is");
    expect_error("  a: {rate: 1/365d, burst: 1000}\n", 4, "further than");
    expect_error("  a: {key: sender}\n", 4, "\"rate\" is missing");
    expect_error("  a: {rate: 1/1h, net4: 99}\n", 4, "net4");
    expect_error("  a: {rate: 1/1h, unit: message}\n", 4, "unit");
    expect_error("  a: {rate: 10/1h, burst: 3, cost: 4}\n", 4, "more than the burst");
}
END_TEST

START_TEST(a_key_part_must_be_known_where_the_unit_is_counted)
{
    expect_error("  a: {rate: 1/1h, unit: connections, key: helo}\n", 4, "\"helo\" is not known before stage helo");
    expect_error("  a: {max: 1, unit: sessions, key: sender}\n", 4, "not known before stage mail; this unit is counted at stage connect");
    expect_error("  a: {rate: 1/1h, key: from.domain}\n", 4, "not known before stage data");
    expect_error("  a: {rate: 1/1h, unit: refused_recipients, key: size}\n", 4, "not known before stage data");
    expect_error("  a: {rate: 1/1h, unit: messages, key: rcpt}\n", 4, "differs between the recipients");
    expect_error("  a: {rate: 1/1h, unit: bytes, key: [client.ip, rcpt.domain]}\n", 4, "differs between the recipients");
}
END_TEST

START_TEST(sessions_have_a_maximum_and_everything_else_a_rate)
{
    expect_error("  a: {unit: sessions}\n", 4, "needs \"max\"");
    expect_error("  a:\n    unit: sessions\n    max: 3\n    rate: 1/1h\n", 7, "does not go with the unit sessions");
    expect_error("  a: {rate: 1/1h, max: 3}\n", 4, "\"max\" goes with the unit sessions only");
    expect_error("  a: {unit: sessions, max: 3, overrides: [{in: nets, rate: 1/1h}]}\n", 4, "\"max\" is needed");
}
END_TEST

START_TEST(overrides_need_a_list_that_could_match_and_a_rate)
{
    expect_error("  a: {rate: 1/1h, overrides: [{in: net, rate: 2/1h}]}\n", 4, "did you mean \"nets\"?");
    expect_error("  a: {rate: 1/1h, overrides: [{in: domains, rate: 2/1h}]}\n", 4, "no entry of \"domains\" could be a part");
    expect_error("  a: {rate: 1/1h, overrides: [{in: nets}]}\n", 4, "\"rate\" is needed");
    expect_error("  a: {rate: 1/1h, overrides: [{in: nets, rate: many}]}\n", 4, "must be a rate such as");
    expect_error("  a: {rate: 1/1h, overrides: [{rate: 2/1h}]}\n", 4, "in");
}
END_TEST

START_TEST(costs_need_a_fact_that_is_known_and_values_that_it_can_have)
{
    expect_error("  a: {rate: 9/1h, costs: [{fact: spff, is: fail, cost: 2}]}\n", 4, "did you mean \"spf\"?");
    expect_error("  a: {rate: 9/1h, costs: [{fact: spf, is: failed, cost: 2}]}\n", 4, "no value that \"spf\" can have");
    expect_error("  a: {rate: 9/1h, costs: [{fact: spf, cost: 2}]}\n", 4, "either \"is\"");
    expect_error("  a: {rate: 9/1h, costs: [{fact: spf, is: fail, in: domains, cost: 2}]}\n", 4, "either \"is\"");
    expect_error("  a: {rate: 9/1h, costs: [{fact: from.domain, is: x.example, cost: 2}]}\n", 4, "not known before stage data");
    expect_error("  a: {rate: 9/1h, costs: [{fact: client.ip, in: domains, cost: 2}]}\n", 4, "no entry could be");
    expect_error("  a: {rate: 9/1h, costs: [{fact: client.ip, in: nots, cost: 2}]}\n", 4, "there is no list \"nots\"");
    expect_error("  a: {rate: 9/1h, unit: bytes, costs: [{fact: size, is: '5', cost: 2}]}\n", 4, "cannot be looked up");
    expect_error("  a: {rate: 9/1h, unit: messages, costs: [{fact: rcpt.domain, is: x.example, cost: 2}]}\n", 4,
                 "take the unit recipients");
    expect_error("  a: {rate: 9/1h, costs: [{fact: spf, is: fail, cost: 10}]}\n", 4, "more than the burst");
}
END_TEST

static enum stage since(const char *name)
{
    return fact_schema_def(rate.schema, rate_id(name))->since;
}

START_TEST(the_facts_of_a_limit_are_known_from_where_it_can_be_counted)
{
    rate_open(
        "filter: {limits: {a: {unit: connections, rate: 1/1h}, b: 1/1h, c: {unit: bytes, rate: 10MiB/1h}, d: {unit: sessions, max: 2}, "
        "e: {unit: refused_recipients, rate: 1/1h}, f: {unit: refused_recipients, rate: 1/1h, key: [client.ip, sender]}, "
        "g: {unit: auth_failures, rate: 1/1h, key: helo}}}");
    ck_assert_int_eq(since("rate.a"), STAGE_CONNECT);
    ck_assert_int_eq(since("rate.b.used"), STAGE_RCPT);
    ck_assert_int_eq(since("rate.c.wait"), STAGE_DATA);
    ck_assert_int_eq(since("rate.d"), STAGE_CONNECT);
    ck_assert_int_eq(since("rate.e"), STAGE_CONNECT);
    ck_assert_int_eq(since("rate.f"), STAGE_MAIL);
    ck_assert_int_eq(since("rate.g"), STAGE_HELO);
    const struct rate_limit_config *config = rate.ctx.config;
    const struct rate_limit *limits = config->limits.items;
    ck_assert_int_eq(limits[2].burst, 10 << 20);
    rate_close();
}
END_TEST

UNIT_MAIN("filters/rate_limit/rate_limit_config", mistakes_in_limits_are_told_where_they_stand,
          a_key_part_must_be_known_where_the_unit_is_counted, sessions_have_a_maximum_and_everything_else_a_rate,
          overrides_need_a_list_that_could_match_and_a_rate, costs_need_a_fact_that_is_known_and_values_that_it_can_have,
          the_facts_of_a_limit_are_known_from_where_it_can_be_counted)
