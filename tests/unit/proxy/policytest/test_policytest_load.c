/* policytest_load: test files become cases. */
#include "proxy/policytest/policytest_load.h"
#include "tests/unit/proxy/policytest/policytest_fixture.h"

static struct policytest_file file;

static void load(const char *yaml)
{
    file = (struct policytest_file){.path = "t.yaml", .root = fixture_read(yaml)};
    policytest_load_cases(&reader, &file);
}

START_TEST(the_stage_is_named_or_that_at_which_all_facts_are_known)
{
    fixture_setup();
    load("cases:\n"
         "- {name: a, given: {client.ip: 192.0.2.1, spf: fail}, expect: reject}\n"
         "- {name: b, given: {client.ip: 192.0.2.1}, stage: data, expect: reject}\n");
    ck_assert_uint_eq(errors.errors, 0);
    ck_assert_uint_eq(file.count, 2);
    ck_assert(!file.cases->has_stage && file.cases->stage == STAGE_RCPT);
    ck_assert(file.cases->next->has_stage && file.cases->next->stage == STAGE_DATA);
    fixture_teardown();
}
END_TEST

START_TEST(a_session_takes_what_it_does_not_say_from_that_of_the_file)
{
    fixture_setup();
    load("session: {ip: 192.0.2.1, helo: a.example, mail_from: <>, rcpt: x@example.org}\n"
         "zone: z\n"
         "cases:\n"
         "- {name: a, session: {ip: 192.0.2.2, rcpt: [y@example.org, z@example.org], listener: \"127.0.0.1:587\"}, expect: reject}\n"
         "- {name: b, message: m.eml, zone: y, expect: reject}\n");
    ck_assert_uint_eq(errors.errors, 0);
    const struct policytest_case *a = file.cases, *b = a->next;
    ck_assert(a->plays && b->plays);
    ck_assert_int_eq(a->script.client.bytes[3], 2);
    ck_assert_uint_eq(a->script.rcpt_count, 2);
    ck_slice_eq(a->script.rcpts[1].path.text, "z@example.org");
    ck_slice_eq(a->script.hello.argument, "a.example");
    ck_assert(a->script.mail.path.null);
    ck_assert_str_eq(a->script.listener->policy, "other");
    ck_assert_ptr_null(a->message);
    ck_assert_str_eq(a->zone, "z");
    ck_assert_str_eq(b->zone, "y");
    ck_slice_eq(b->message->text, "m.eml");
    ck_slice_eq(b->script.rcpts[0].path.text, "x@example.org");
    fixture_teardown();
}
END_TEST

START_TEST(a_named_policy_judges_a_session_instead_of_the_listener_s)
{
    fixture_setup();
    load("policy: other\n"
         "session: {ip: 192.0.2.1, helo: a.example, mail_from: <>, rcpt: x@example.org}\n"
         "cases:\n"
         "- {name: a, session: {}, expect: reject}\n"
         "- {name: b, policy: inbound, session: {}, expect: reject}\n");
    ck_assert_uint_eq(errors.errors, 0);
    ck_assert_ptr_eq(file.cases->script.listener->policy_loaded, settings->policies[1].policy);
    ck_assert_ptr_eq(file.cases->next->script.listener->policy_loaded, settings->policies[0].policy);
    fixture_teardown();
}
END_TEST

START_TEST(what_is_wrong_with_a_case_is_told)
{
    static const struct {
        const char *yaml, *text;
    } bad[] = {
        {"{}", "\"cases\" is a list of at least one case"},
        {"cases: []", "\"cases\" is a list of at least one case"},
        {"cases: [x]", "cases[0]: a case is a mapping, not a scalar"},
        {"cases: [{given: {}, expect: accept}]", "\"name\" is missing"},
        {"cases: [{name: , given: {}, expect: accept}]", "a name is needed"},
        {"cases: [{name: a, given: {}}]", "\"expect\" is missing"},
        {"cases: [{name: a, expect: accept}]", "`given` with facts is missing"},
        {"cases: [{name: a, given: {}, zone: z, expect: accept}]", "not both"},
        {"cases: [{name: a, given: {}, expect: accept, x: 1}]", "unknown key \"x\""},
        {"cases: [{name: a, given: {}, stage: dada, expect: accept}]", "\"dada\" is not a stage; did you mean \"data\"?"},
        {"cases: [{name: a, given: {}, policy: othr, expect: accept}]", "\"othr\" is not the name of a policy; did you mean \"other\"?"},
        {"cases: [{name: a, stage: mail, given: {spf: fail}, expect: accept}]", "\"spf\" is not known yet at stage mail"},
        {"cases: [{name: a, given: {}, expect: accept}, {name: a, given: {}, expect: accept}]", "there is a case of this name already"},
        {"{session: {ipp: 1}, cases: [{name: a, given: {}, expect: accept}]}", "session.ipp: unknown key \"ipp\"; did you mean \"ip\"?"},
        {"cases: [{name: a, session: {helo: a.example, mail_from: <>, rcpt: a@b.example}, expect: accept}]", "session.ip is missing"},
        {"cases: [{name: a, session: {ip: 192.0.2, helo: a.example, mail_from: <>, rcpt: a@b.example}, expect: accept}]",
         "\"192.0.2\" is no IP address"},
        {"cases: [{name: a, session: {ip: 192.0.2.1, helo: a.example, mail_from: x, rcpt: a@b.example}, expect: accept}]",
         "mail_from: a session would answer 501"},
    };
    fixture_setup();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        conf_errors_init(&errors, arena);
        load(bad[i].yaml);
        ck_assert_msg(fixture_noted(bad[i].text) && errors.errors == 1, "%s does not say: %s", bad[i].yaml, bad[i].text);
    }
    fixture_teardown();
}
END_TEST

UNIT_MAIN("policytest_load", the_stage_is_named_or_that_at_which_all_facts_are_known,
          a_session_takes_what_it_does_not_say_from_that_of_the_file, a_named_policy_judges_a_session_instead_of_the_listener_s,
          what_is_wrong_with_a_case_is_told)
