/* Proves policy/rules/effect.c, field.c and target.c: what rules that go on ask for, and the mailboxes of those that redirect. */
#include "tests/unit/policy/policy_fixture.h"

static void load(struct fixture *f, const char *rules)
{
    char yaml[3000];
    snprintf(yaml, sizeof yaml, "policies: {p: {data: [\n%s\n]}}", rules);
    fixture_load(f, yaml);
}

static struct decision decide(struct fixture *f, const char *rules)
{
    load(f, rules);
    ck_assert_msg(f->errors.errors == 0, "%s: %s", rules, f->errors.first ? f->errors.first->text : "");
    fixture_set(f, "helo", "a\r\nb");
    return fixture_decide(f, STAGE_DATA);
}

static void refuses(const char *rest, const char *why)
{
    struct fixture f;
    char rule[1000];
    snprintf(rule, sizeof rule, "{rule: r, %s}", rest);
    load(&f, rule);
    ck_assert_msg(fixture_find_error(&f, 2, why) != NULL, "%s: expected \"%s\", got \"%s\"", rest, why,
                  f.errors.first ? f.errors.first->text : "nothing");
    fixture_close(&f);
}

START_TEST(effects_stand_in_the_order_of_the_rules_and_name_them)
{
    struct fixture f;
    struct decision d = decide(&f, "{rule: a, do: remove_header, names: [X-Spam-Flag, x-spam-*]},\n"
                                   "{rule: b, do: subject_tag, text: \"[{helo}] \"},\n"
                                   "{rule: c, do: add_recipient, to: [Archive@Example.COM, '\"a <b>\"@example.net']},\n"
                                   "{rule: d, do: delay, for: 1500ms}, {rule: e, do: delay, for: 2s}, {rule: f, do: reject}");
    static const struct {
        enum action action;
        const char *rule, *name, *value;
    } expected[] = {{ACTION_REMOVE_HEADER, "a", "X-Spam-Flag", ""},
                    {ACTION_REMOVE_HEADER, "a", "x-spam-*", ""},
                    {ACTION_SUBJECT_TAG, "b", "", "[a??b] "},
                    {ACTION_ADD_RECIPIENT, "c", "", "Archive@example.com"},
                    {ACTION_ADD_RECIPIENT, "c", "", "\"a <b>\"@example.net"}};
    const struct policy_effect *e = d.effects;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++, e = e->next) {
        ck_assert_int_eq(e->action, expected[i].action);
        ck_assert_str_eq(e->rule, expected[i].rule);
        ck_slice_eq(e->name, expected[i].name);
        ck_slice_eq(e->value, expected[i].value);
    }
    ck_assert(e->action == ACTION_DELAY && e->delay_ms == 1500 && e->next->delay_ms == 2000 && !e->next->next);
    ck_assert_int_eq(decision_delay_ms(&d), 3500);
    ck_assert_int_eq(d.action, ACTION_REJECT);
    fixture_close(&f);
}
END_TEST

START_TEST(a_subjects_text_is_cut)
{
    struct fixture f;
    char rule[400];
    snprintf(rule, sizeof rule, "{rule: a, do: subject_tag, text: '%0150d{helo}{helo}'}", 7);
    load(&f, rule);
    ck_assert_uint_eq(f.errors.errors, 0);
    fixture_set(&f, "helo", "a.very.long.name.that.a.client.gave.us.example.com");
    ck_assert_uint_eq(fixture_decide(&f, STAGE_DATA).effects->value.len, 200);
    fixture_close(&f);
    snprintf(rule, sizeof rule, "do: subject_tag, text: '%0201d'", 7);
    refuses(rule, "201 bytes of text, more than the 200");
}
END_TEST

START_TEST(delays_add_up_to_a_minute)
{
    struct fixture f;
    struct decision d = decide(&f, "{rule: a, do: delay, for: 40s}, {rule: b, do: delay, for: 60s}");
    ck_assert_int_eq(decision_delay_ms(&d), 60 * 1000);
    fixture_close(&f);
}
END_TEST

START_TEST(the_mailbox_of_a_redirection_stands_in_the_decision)
{
    struct fixture f;
    struct decision d = decide(&f, "{rule: a, do: redirect, to: Postmaster@EXAMPLE.com}");
    ck_assert_int_eq(d.action, ACTION_REDIRECT);
    ck_slice_eq(d.to, "Postmaster@example.com");
    ck_assert(!decision_refuses(&d) && d.reply_code == 0);
    fixture_close(&f);
    d = decide(&f, "{rule: a, do: quarantine, to: held@example.com}");
    ck_slice_eq(d.to, "held@example.com");
    fixture_close(&f);
    d = decide(&f, "{rule: a, do: quarantine}");
    ck_assert(d.action == ACTION_QUARANTINE && slice_empty(d.to));
    fixture_close(&f);
}
END_TEST

START_TEST(mailboxes_are_literal_and_strict)
{
    refuses("do: redirect, to: joe", "\"joe\" is no mailbox: domain is missing");
    refuses("do: redirect, to: ''", "\"\" is no mailbox: local part is missing");
    refuses("do: redirect, to: '<joe@example.com>'", "is no mailbox");
    refuses("do: redirect, to: 'joe@example.com, ann@example.com'", "is no mailbox: bad domain");
    refuses("do: redirect, to: '{rcpt.local}@example.com'", "is no mailbox: it stands as it is, without {facts}");
    refuses("do: redirect, to: [joe@example.com]", "a mailbox is needed, not a list");
    refuses("do: redirect, to: \"joe@example.com\\r\\nDATA\"", "is no mailbox");
    refuses("do: redirect, to: \"\\\"a\\nb\\\"@example.com\"", "bad character in quoted local part");
    refuses("do: redirect, to: ", "a mailbox is needed");
    refuses("do: quarantine, to: x@-.example", "is no mailbox: bad domain");
    refuses("do: add_recipient, to: [joe@example.com, ann]", "\"ann\" is no mailbox");
    refuses("do: add_recipient, to: []", "a mailbox or a list of mailboxes is needed");
    refuses("do: add_recipient, to: {a: b}", "a mailbox or a list of mailboxes is needed");
}
END_TEST

START_TEST(fields_that_must_stay_are_not_removed)
{
    static const char *const kept[] = {
        "Received", "return-path", "From", "Date", "MIME-Version", "Content-Type", "content-*", "Re*", "Content-Transfer-Encoding"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        char rest[100];
        snprintf(rest, sizeof rest, "do: remove_header, names: ['%s']", kept[i]);
        refuses(rest, "a rule may not remove ");
    }
    refuses("do: remove_header, names: ['*']", "\"*\" is no field name");
    refuses("do: remove_header, names: ['X-*-Flag']", "is no field name");
    refuses("do: remove_header, names: ['X-A: b']", "is no field name");
    refuses("do: remove_header, names: [\"X-A\\n\"]", "is no field name");
    refuses("do: remove_header, names: ['']", "is no field name");
    refuses("do: remove_header, names: []", "a list of field names is needed");
    refuses("do: remove_header, names: {a: b}", "a list of field names is needed");
    refuses("do: remove_header, names: [[a]]", "a field's name is needed");
}
END_TEST

START_TEST(one_name_needs_no_list)
{
    struct fixture f;
    struct decision d = decide(&f, "{rule: a, do: remove_header, names: Reply-To}");
    ck_slice_eq(d.effects->name, "Reply-To");
    ck_assert_ptr_null(d.effects->next);
    fixture_close(&f);
}
END_TEST

START_TEST(fields_that_others_believe_are_not_added)
{
    refuses("do: tag, header: {'X A': b}", "a field name is letters");
    refuses("do: tag, header: {'': b}", "a field name is letters");
    refuses("do: tag, header: {dkim-signature: b}", "a rule may not add this field");
    refuses("do: tag, header: {X-A: [b]}", "a text is needed");
    refuses("do: tag, header: {X-A: '{spff}'}", "did you mean \"spf\"?");
    refuses("do: tag, header: {}", "a mapping of field names");
    refuses("do: tag, header: X-A", "a mapping of field names");
}
END_TEST

START_TEST(texts_and_times_are_checked)
{
    refuses("do: subject_tag, text: ' '", "a text is needed, such as");
    refuses("do: subject_tag, text: [a]", "a text is needed");
    refuses("do: subject_tag, text: \"a\\nb\"", "one line of printable ASCII");
    refuses("do: subject_tag, text: '{subjekt}'", "unknown fact");
    refuses("do: delay, for: 5", "\"5\" is no duration (such as 500ms or 5s)");
    refuses("do: delay, for: soon", "is no duration");
    refuses("do: delay, for: 61s", "between 1ms and 60s");
    refuses("do: delay, for: 0s", "between 1ms and 60s");
    refuses("do: delay, for: [1s]", "a duration is needed");
}
END_TEST

UNIT_MAIN("policy/rules/effect", effects_stand_in_the_order_of_the_rules_and_name_them, a_subjects_text_is_cut, delays_add_up_to_a_minute,
          the_mailbox_of_a_redirection_stands_in_the_decision, mailboxes_are_literal_and_strict, fields_that_must_stay_are_not_removed,
          one_name_needs_no_list, fields_that_others_believe_are_not_added, texts_and_times_are_checked)
