/* policytest_given: facts of a case, each by its type. */
#include "proxy/policytest/policytest_given.h"
#include "tests/unit/proxy/policytest/policytest_fixture.h"

static struct facts facts;

static enum stage give(const char *yaml)
{
    return policytest_given_load(&reader, fixture_read(yaml), &facts);
}

static const char *value(const char *name)
{
    int id = fact_schema_find(settings->facts, slice_of(name));
    ck_assert_int_ge(id, 0);
    return facts_get(&facts, id)->present ? arena_string(arena, facts_to_text(&facts, id, arena)) : "absent";
}

START_TEST(every_type_of_fact_can_be_given)
{
    fixture_setup();
    enum stage known = give("{client.ip: \"2001:db8::1\", helo: A b, spf: softfail, size: 2KiB, rcpt.count: 3, from.domain: Example.ORG,"
                            " from.address: Joe@Example.ORG, dkim.domains: [a.example, b.example], header.list-id: <x>}");
    ck_assert_uint_eq(errors.errors, 0);
    ck_assert_int_eq(known, STAGE_DATA);
    ck_assert_str_eq(value("client.ip"), "2001:db8::1");
    ck_assert_str_eq(value("helo"), "A b");
    ck_assert_str_eq(value("spf"), "softfail");
    ck_assert_str_eq(value("size"), "2048");
    ck_assert_str_eq(value("rcpt.count"), "3");
    ck_assert_str_eq(value("from.domain"), "example.org");
    ck_assert_str_eq(value("from.address"), "Joe@example.org");
    ck_assert_str_eq(value("dkim.domains"), "a.example,b.example");
    ck_assert_str_eq(value("header.List-Id"), "<x>");
    ck_assert_str_eq(value("dmarc"), "absent");
    fixture_teardown();
}
END_TEST

START_TEST(paths_bring_their_parts_along)
{
    fixture_setup();
    ck_assert_int_eq(give("{rcpt.count: 7, mail_from: joe@Example.ORG, rcpt: <postmaster>}"), STAGE_RCPT);
    ck_assert_str_eq(value("mail_from"), "joe@example.org");
    ck_assert_str_eq(value("mail_from.domain"), "example.org");
    ck_assert_str_eq(value("mail_from.local"), "joe");
    ck_assert_str_eq(value("rcpt.local"), "postmaster");
    ck_assert_str_eq(value("rcpt.domain"), "absent");
    ck_assert_str_eq(value("rcpt.count"), "7");
    ck_assert_int_eq(give("{mail_from: <>}"), STAGE_MAIL);
    ck_assert_str_eq(value("mail_from"), "");
    ck_assert_str_eq(value("mail_from.domain"), "absent");
    ck_assert_uint_eq(errors.errors, 0);
    fixture_teardown();
}
END_TEST

START_TEST(a_listener_is_one_of_the_configuration)
{
    fixture_setup();
    give("{listener: \"127.0.0.1:587\"}");
    ck_assert_str_eq(value("listener"), "127.0.0.1:587");
    give("{listener: \"127.0.0.1:26\"}");
    ck_assert(fixture_noted("listener: the configuration has no such listener"));
    fixture_teardown();
}
END_TEST

START_TEST(values_that_a_fact_can_never_have_are_told)
{
    static const struct {
        const char *yaml, *text;
    } bad[] = {
        {"{spf: flail}", "\"flail\" is not a word that \"spf\" can be; did you mean \"fail\"?"},
        {"{spf: FAIL}", "\"FAIL\" is not a word"},
        {"{size: much}", "\"size\" needs a number"},
        {"{size: 5 MB}", "\"size\" needs a number"},
        {"{client.ip: 192.0.2.0/24}", "\"client.ip\" needs an IP address"},
        {"{from.domain: .example.org}", "\"from.domain\" needs a domain"},
        {"{from.domain: \"@example.org\"}", "\"from.domain\" needs a domain"},
        {"{from.address: example.org}", "\"from.address\" needs a mailbox"},
        {"{mail_from: a b@example.org}", "mail_from: a session would answer 501"},
        {"{rcpt: <>}", "rcpt: a session would answer 501"},
        {"{spf: }", "spf: a value is needed, not an empty value"},
        {"{spf: [fail]}", "spf: a value is needed, not a list"},
        {"{dkim.domains: {a: b}}", "dkim.domains: a text is needed, not a mapping"},
        {"{spff: fail}", "unknown fact \"spff\"; did you mean \"spf\"?"},
        {"{qqqqqqqq: fail}", "unknown fact \"qqqqqqqq\"; `mailweir config facts` lists them"},
    };
    fixture_setup();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        conf_errors_init(&errors, arena);
        give(bad[i].yaml);
        ck_assert_msg(fixture_noted(bad[i].text) && errors.errors == 1, "%s does not say: %s", bad[i].yaml, bad[i].text);
    }
    fixture_teardown();
}
END_TEST

START_TEST(facts_that_change_nothing_are_warned_about)
{
    fixture_setup();
    give("{header.List-Idd: x, arc: pass}");
    ck_assert_uint_eq(errors.errors, 0);
    ck_assert_uint_eq(errors.warnings, 2);
    ck_assert(fixture_noted("no rule looks at \"header.List-Idd\"; did you mean \"header.List-Id\"?"));
    ck_assert(fixture_noted("\"arc\" is always absent: filter arc is off"));
    fixture_teardown();
}
END_TEST

START_TEST(what_is_no_mapping_is_told)
{
    fixture_setup();
    policytest_given_load(&reader, conf_get(fixture_read("given: [spf]"), "given"), &facts);
    ck_assert(fixture_noted("facts are a mapping such as {spf: fail}, not a list"));
    fixture_teardown();
}
END_TEST

UNIT_MAIN("policytest_given", every_type_of_fact_can_be_given, paths_bring_their_parts_along, a_listener_is_one_of_the_configuration,
          values_that_a_fact_can_never_have_are_told, facts_that_change_nothing_are_warned_about, what_is_no_mapping_is_told)
