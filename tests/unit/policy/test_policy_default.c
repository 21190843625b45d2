/* Proves policy/policy_default.c: the built-in policy is the example file, loads without a word, and follows RFC 9989 §7.4. */
#include "tests/unit/policy/policy_fixture.h"

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    static char text[20000];
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    return text;
}

static void load_default(struct fixture *f)
{
    fixture_open(f);
    const struct conf_node *root = conf_read_text(policy_default_text(), "built-in policy", f->arena, &f->errors);
    struct policy_context context = fixture_context(f);
    f->policy = policy_load(root, "inbound", &context);
    ck_assert_msg(f->errors.errors + f->errors.warnings == 0, "%s", f->errors.first ? f->errors.first->text : "");
    facts_init(&f->facts, f->schema, f->arena);
    fixture_set(f, "client.ip", "192.0.2.1");
    fixture_set(f, "mail_from.domain", "a.example");
    fixture_set(f, "from.domain", "bank.example");
    fixture_set(f, "from.count", "1");
}

START_TEST(the_example_file_is_the_built_in_policy)
{
    ck_slice_eq(policy_default_text(), read_whole(SOURCE_DIR "/examples/policies/default.yaml"));
}
END_TEST

START_TEST(without_facts_nothing_is_refused)
{
    struct fixture f;
    load_default(&f);
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        ck_assert_ptr_null(fixture_decide(&f, (enum stage)stage).rule);
    fixture_close(&f);
}
END_TEST

START_TEST(a_reject_policy_alone_is_quarantine)
{
    struct fixture f;
    load_default(&f);
    fixture_set(&f, "dmarc", "fail");
    fixture_set(&f, "dmarc.policy", "reject");
    fixture_set(&f, "spf", "pass");
    fixture_set(&f, "dkim", "fail");
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_QUARANTINE);
    fixture_set(&f, "spf", "fail");
    fixture_set(&f, "dkim", "pass");
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_QUARANTINE);
    fixture_set(&f, "dmarc.policy", "none");
    ck_assert_ptr_null(fixture_decide(&f, STAGE_DATA).rule);
    fixture_close(&f);
}
END_TEST

START_TEST(what_nothing_speaks_for_is_rejected_but_for_list_mail)
{
    struct fixture f;
    load_default(&f);
    fixture_set(&f, "dmarc", "fail");
    fixture_set(&f, "dmarc.policy", "reject");
    fixture_set(&f, "spf", "softfail");
    fixture_set(&f, "dkim", "none");
    struct decision d = fixture_decide(&f, STAGE_DATA);
    ck_assert_int_eq(d.action, ACTION_REJECT);
    ck_assert_str_eq(d.rule, "spoofed, and nothing speaks for it");
    ck_slice_eq(d.reply_text, "DMARC policy of bank.example");
    fixture_set(&f, "header.List-Id", "<x.example>");
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_QUARANTINE);
    fixture_set(&f, "header.List-Id", NULL);
    fixture_set(&f, "dmarc.policy", "quarantine");
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_QUARANTINE);
    fixture_close(&f);
}
END_TEST

START_TEST(what_dmarc_cannot_tell_now_is_to_come_again)
{
    struct fixture f;
    load_default(&f);
    fixture_set(&f, "dmarc", "temperror");
    struct decision d = fixture_decide(&f, STAGE_DATA);
    ck_assert_int_eq(d.action, ACTION_TEMPFAIL);
    ck_assert_int_eq(d.reply_code, 451);
    ck_assert_str_eq(d.rule, "dmarc cannot be told");
    fixture_close(&f);
}
END_TEST

START_TEST(a_message_without_one_author_field_is_rejected)
{
    struct fixture f;
    load_default(&f);
    fixture_set(&f, "from.count", "0");
    ck_assert_str_eq(fixture_decide(&f, STAGE_DATA).rule, "from field");
    fixture_set(&f, "from.count", "2");
    struct decision d = fixture_decide(&f, STAGE_DATA);
    ck_assert_int_eq(d.action, ACTION_REJECT);
    ck_slice_eq(d.reply_text, "A message must have exactly one From field, this one has 2");
    fixture_close(&f);
}
END_TEST

START_TEST(rate_limits_defer_and_spf_fail_is_only_watched)
{
    struct fixture f;
    load_default(&f);
    fixture_set(&f, "spf", "fail");
    struct decision d = fixture_decide(&f, STAGE_RCPT);
    ck_assert_ptr_null(d.rule);
    ck_assert_str_eq(d.shadow->rule, "spf hard fail");
    ck_assert_int_eq(d.shadow->action, ACTION_REJECT);
    fixture_set(&f, "rate", "over");
    fixture_set(&f, "rate.limit", "per_net");
    fixture_set(&f, "rate.retry_after", "42");
    d = fixture_decide(&f, STAGE_RCPT);
    ck_assert_int_eq(d.reply_code, 451);
    ck_slice_eq(d.reply_enhanced, "4.7.1");
    ck_slice_eq(d.reply_text, "Rate limit per_net reached, try again in 42 seconds");
    fixture_close(&f);
}
END_TEST

START_TEST(the_other_example_loads_too)
{
    struct fixture f;
    char yaml[20000];
    const char *text = read_whole(SOURCE_DIR "/examples/policies/relays-and-partners.yaml");
    snprintf(yaml, sizeof yaml, "%s", text);
    char *inbound = strstr(yaml, "inbound:");
    ck_assert_ptr_nonnull(inbound);
    memcpy(inbound, "p:      ", 8); /* the fixture's name of a policy */
    fixture_must_load(&f, yaml);
    fixture_set(&f, "client.ip", "192.0.2.3");
    ck_assert_int_eq(fixture_decide(&f, STAGE_RCPT).action, ACTION_TRUST);
    fixture_set(&f, "client.ip", "203.0.113.1");
    fixture_set(&f, "mail_from", "joe@nuisance.example");
    ck_assert_str_eq(fixture_decide(&f, STAGE_RCPT).rule, "blocked");
    fixture_set(&f, "mail_from", "any@sub.example.net");
    fixture_set(&f, "spf", "fail");
    ck_assert_ptr_null(fixture_decide(&f, STAGE_RCPT).rule);
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/policy_default", the_example_file_is_the_built_in_policy, without_facts_nothing_is_refused,
          a_reject_policy_alone_is_quarantine, what_dmarc_cannot_tell_now_is_to_come_again,
          what_nothing_speaks_for_is_rejected_but_for_list_mail, a_message_without_one_author_field_is_rejected,
          rate_limits_defer_and_spf_fail_is_only_watched, the_other_example_loads_too)
