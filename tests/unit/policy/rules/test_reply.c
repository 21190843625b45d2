/* Proves policy/rules/reply.c. */
#include "tests/unit/policy/policy_fixture.h"

static void load(struct fixture *f, const char *stage, const char *rest)
{
    char yaml[2000];
    snprintf(yaml, sizeof yaml, "policies: {p: {%s: [{rule: \"the <rule>\", \n%s}]}}", stage, rest);
    fixture_load(f, yaml);
}

static void replies(const char *stage, const char *rest, const char *expected)
{
    struct fixture f;
    char text[500];
    load(&f, stage, rest);
    ck_assert_msg(f.errors.errors == 0, "%s: %s", rest, f.errors.first ? f.errors.first->text : "");
    struct decision d = fixture_decide(&f, stage[0] == 'c' ? STAGE_CONNECT : STAGE_DATA);
    snprintf(text, sizeof text, "%d %.*s %.*s", d.reply_code, SLICE_FMT(d.reply_enhanced), SLICE_FMT(d.reply_text));
    ck_assert_str_eq(text, expected);
    fixture_close(&f);
}

START_TEST(a_reply_has_code_enhanced_code_and_text)
{
    replies("data", "do: reject, reply: '554 5.7.26 No, {client.ip}'", "554 5.7.26 No, unknown");
    replies("data", "do: reject, reply: '550 5.7.23'", "550 5.7.23 Refused by policy rule: the ?rule?");
    replies("data", "do: reject, reply: '554'", "554 5.7.1 Refused by policy rule: the ?rule?");
    replies("data", "do: disconnect, reply: '554 5.7.1 Bye'", "554 5.7.1 Bye");
    replies("data", "do: disconnect, reply: '550'", "550 5.7.0 Connection closed by policy rule: the ?rule?");
    replies("data", "do: disconnect, reply: '450 4.7.1 Bye'", "450 4.7.1 Bye");
    replies("connect", "do: disconnect, reply: '554 Bye'", "554 5.7.0 Bye");
    replies("data", "do: reject, reply: '550 5.7.1 See {help_url}'", "550 5.7.1 See https://example.com/help");
    replies("data", "do: tempfail, reply: '450 Come back'", "450 4.7.1 Come back");
    replies("data", "do: tempfail, reply: '  450   4.2.0   Come back  '", "450 4.2.0 Come back");
    replies("data", "do: tempfail, reply: 451 4.3.2 1.5 times", "451 4.3.2 1.5 times");
}
END_TEST

START_TEST(without_a_reply_there_is_one_that_names_the_rule)
{
    replies("data", "do: reject", "550 5.7.1 Refused by policy rule: the ?rule?");
    replies("data", "do: tempfail", "451 4.7.1 Refused for now by policy rule: the ?rule?");
    replies("connect", "do: reject", "554 5.7.1 Refused by policy rule: the ?rule?");
    replies("connect", "do: tempfail", "421 4.7.1 Refused for now by policy rule: the ?rule?");
    replies("data", "do: disconnect", "421 4.7.0 Connection closed by policy rule: the ?rule?");
    replies("connect", "do: disconnect", "421 4.7.0 Connection closed by policy rule: the ?rule?");
    replies("data", "do: quarantine", "0  ");
}
END_TEST

static void refuses(const char *stage, const char *rest, const char *why)
{
    struct fixture f;
    load(&f, stage, rest);
    ck_assert_msg(fixture_find_error(&f, 2, why) != NULL, "%s: expected \"%s\", got \"%s\"", rest, why,
                  f.errors.first ? f.errors.first->text : "nothing");
    fixture_close(&f);
}

START_TEST(codes_that_contradict_are_refused)
{
    refuses("data", "do: reject, reply: '450 4.7.1 x'", "reject needs a 5xx code, not 450");
    refuses("data", "do: tempfail, reply: '550 5.7.1 x'", "tempfail needs a 4xx code, not 550");
    refuses("data", "do: reject, reply: '550 4.7.1 x'", "enhanced code 4.7.1 contradicts code 550");
    refuses("data", "do: reject, reply: '250 2.0.0 x'", "reject needs a 5xx code, not 250");
    refuses("data", "do: reject, reply: '999 x'", "begins with its code");
    refuses("data", "do: reject, reply: '560 x'", "begins with its code");
    refuses("data", "do: reject, reply: '55 x'", "begins with its code");
    refuses("data", "do: reject, reply: 'No'", "begins with its code");
    refuses("data", "do: reject, reply: '550 5.7.1.2 x'", "no enhanced status code");
    refuses("data", "do: reject, reply: '550 5.7.1000 x'", "no enhanced status code");
    refuses("data", "do: reject, reply: '550 5..1 x'", "no enhanced status code");
    refuses("data", "do: reject, reply: '550 55.7.1 x'", "no enhanced status code");
    refuses("data", "do: reject, reply: [550]", "a reply is needed");
    refuses("data", "do: reject, reply: ", "a reply is needed");
    refuses("data", "do: reject, reply: ''", "begins with its code");
    refuses("data", "do: tag, header: {X-A: b}, reply: '550 x'", "tag takes no \"reply\"");
    refuses("data", "do: accept, reply: '250 2.0.0 x'", "accept takes no \"reply\"; it belongs to reject, tempfail and disconnect");
    refuses("data", "do: tempfail, reply: '421 4.7.1 x'", "421 means that the connection closes");
    refuses("data", "do: reject, reply: '421 4.7.1 x'", "reject needs a 5xx code, not 421");
    refuses("data", "do: disconnect, reply: '250 2.0.0 x'", "disconnect needs a 4xx or 5xx code, not 250");
    refuses("data", "do: disconnect, reply: '421 5.7.0 x'", "enhanced code 5.7.0 contradicts code 421");
    refuses("connect", "do: disconnect, reply: '550 x'", "at stage connect the code must be");
    refuses("connect", "do: tempfail, reply: '451 4.7.1 x'", "at stage connect the code must be");
    refuses("data", "do: reject, reply: \"550 5.7.1 a\\r\\n250 b\"", "one line of printable ASCII");
}
END_TEST

START_TEST(tags_render_in_order_and_the_next_rule_decides)
{
    struct fixture f;
    fixture_must_load(&f, "policies: {p: {data: [{rule: a, do: tag, header: {X-One: 'spf={spf}', X-Two: b}},"
                          " {rule: b, do: add_header, header: {X-Three: '{helo}'}}, {rule: c, do: quarantine}]}}");
    fixture_set(&f, "spf", "pass");
    fixture_set(&f, "helo", "a\r\nX-Four: d");
    struct decision d = fixture_decide(&f, STAGE_DATA);
    ck_assert_int_eq(d.action, ACTION_QUARANTINE);
    ck_assert_str_eq(d.rule, "c");
    ck_slice_eq(d.effects->name, "X-One");
    ck_slice_eq(d.effects->value, "spf=pass");
    ck_slice_eq(d.effects->next->name, "X-Two");
    ck_slice_eq(d.effects->next->next->value, "a??X-Four: d");
    ck_assert_ptr_null(d.effects->next->next->next);
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/rules/reply", a_reply_has_code_enhanced_code_and_text, without_a_reply_there_is_one_that_names_the_rule,
          codes_that_contradict_are_refused, tags_render_in_order_and_the_next_rule_decides)
