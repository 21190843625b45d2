/* Proves policy/conditions/condition.c, condition_load.c and condition_value.c: what a `when` means, and what it may not say. */
#include "tests/unit/policy/policy_fixture.h"

/** Loads a data rule with this condition (in YAML's flow form) and a list or two. */
static void load_when(struct fixture *f, const char *when)
{
    char yaml[2000];
    snprintf(yaml, sizeof yaml,
             "lists: {relays: [192.0.2.0/24], friends: [example.com, joe@example.net], none: []}\n"
             "policies: {p: {split: lenient, data: [{rule: r, do: reject, when: \n%s\n}]}}\n",
             when);
    fixture_load(f, yaml);
}

/** Facts as "name=value" pairs up to NULL. */
static bool holds(const char *when, const char *const *facts)
{
    struct fixture f;
    load_when(&f, when);
    ck_assert_msg(f.errors.errors == 0, "%s: %s", when, f.errors.first ? f.errors.first->text : "");
    for (; *facts; facts++) {
        const char *equals = strchr(*facts, '=');
        fixture_set(&f, arena_string(f.arena, slice_make(*facts, (size_t)(equals - *facts))), equals + 1);
    }
    bool result = fixture_decide(&f, STAGE_DATA).rule != NULL;
    fixture_close(&f);
    return result;
}

#define HOLDS(when, ...)          holds(when, (const char *const[]){__VA_ARGS__, NULL})
#define HOLDS_WITHOUT_FACTS(when) holds(when, (const char *const[]){NULL})

START_TEST(a_map_is_and_a_list_is_or)
{
    ck_assert(HOLDS("{spf: fail, dkim: pass}", "spf=fail", "dkim=pass"));
    ck_assert(!HOLDS("{spf: fail, dkim: pass}", "spf=fail", "dkim=fail"));
    ck_assert(HOLDS("[{spf: fail}, {dkim: pass}]", "spf=pass", "dkim=pass"));
    ck_assert(!HOLDS("[{spf: fail}, {dkim: pass}]", "spf=pass", "dkim=fail"));
    ck_assert(HOLDS("{any: [{spf: fail}, {dkim: pass}]}", "dkim=pass") && HOLDS("{any: {spf: fail, dkim: pass}}", "dkim=pass"));
    ck_assert(!HOLDS("{all: [{spf: fail}, {dkim: pass}]}", "dkim=pass"));
    ck_assert(HOLDS("{not: {spf: fail, dkim: pass}}", "dkim=pass", "spf=pass"));
    ck_assert(!HOLDS("{not: [{spf: fail}, {dkim: pass}]}", "dkim=pass", "spf=pass"));
    ck_assert(HOLDS("{dmarc: fail, any: [{spf: fail}, {not: {dkim: pass}}]}", "dmarc=fail", "dkim=fail"));
}
END_TEST

START_TEST(a_list_of_values_is_any_of_them)
{
    ck_assert(HOLDS("{dmarc.policy: [quarantine, reject]}", "dmarc.policy=reject"));
    ck_assert(!HOLDS("{dmarc.policy: [quarantine, reject]}", "dmarc.policy=none"));
    ck_assert(HOLDS("{dkim: {not: [pass, none]}}", "dkim=fail") && !HOLDS("{dkim: {not: [pass, none]}}", "dkim=none"));
}
END_TEST

START_TEST(a_temporary_error_is_never_a_fail)
{
    ck_assert(!HOLDS("{spf: fail}", "spf=temperror"));
    ck_assert(HOLDS("{spf: temperror}", "spf=temperror"));
    ck_assert(!HOLDS("{spf: fail}", "spf=permerror") && !HOLDS("{spf: fail}", "spf=softfail"));
}
END_TEST

START_TEST(with_an_absent_fact_only_absent_and_negations_hold)
{
    static const char *const never[] = {"{spf: fail}",
                                        "{size: 0}",
                                        "{size: {over: -1}}",
                                        "{size: {under: 1}}",
                                        "{client.ip: 0.0.0.0/0}",
                                        "{client.ip: {in: relays}}",
                                        "{mail_from: '<>'}",
                                        "{mail_from.domain: .com}",
                                        "{dkim.domains: x}",
                                        "{header.List-Id: ''}",
                                        "{spf: present}",
                                        "{spf: {absent: false}}",
                                        "{spf: {present: true}}"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        char negated[100];
        snprintf(negated, sizeof negated, "{not: %s}", never[i]);
        ck_assert_msg(!HOLDS_WITHOUT_FACTS(never[i]), "%s", never[i]);
        ck_assert_msg(HOLDS_WITHOUT_FACTS(negated), "%s", negated);
    }
    ck_assert(HOLDS_WITHOUT_FACTS("{spf: absent}") && HOLDS_WITHOUT_FACTS("{spf: {absent: true}}"));
    ck_assert(HOLDS_WITHOUT_FACTS("{spf: {present: false}}") && HOLDS_WITHOUT_FACTS("{spf: {not: present}}"));
    ck_assert(HOLDS_WITHOUT_FACTS("{spf: {not: fail}}"));
    ck_assert(!HOLDS("{spf: absent}", "spf=none") && HOLDS("{spf: present}", "spf=none"));
}
END_TEST

START_TEST(numbers_compare_with_units)
{
    ck_assert(HOLDS("{size: {over: 1KiB}}", "size=1025") && !HOLDS("{size: {over: 1KiB}}", "size=1024"));
    ck_assert(HOLDS("{size: {under: 10}}", "size=9") && !HOLDS("{size: {under: 10}}", "size=10"));
    ck_assert(HOLDS("{size: {over: 5, under: 8}}", "size=6") && !HOLDS("{size: {over: 5, under: 8}}", "size=8"));
    ck_assert(HOLDS("{size: -3}", "size=-3") && HOLDS("{size: [1, 2]}", "size=2") && !HOLDS("{size: [1, 2]}", "size=3"));
    ck_assert(HOLDS("{rate.retry_after: {over: 5m}}", "rate.retry_after=301") &&
              !HOLDS("{rate.retry_after: {over: 5m}}", "rate.retry_after=300"));
}
END_TEST

START_TEST(addresses_domains_and_mailboxes_compare_by_their_type)
{
    ck_assert(HOLDS("{client.ip: 192.0.2.0/24}", "client.ip=192.0.2.1") && !HOLDS("{client.ip: 192.0.2.1}", "client.ip=192.0.2.2"));
    ck_assert(HOLDS("{client.ip: [192.0.2.1, '2001:db8::/32']}", "client.ip=2001:db8::9"));
    ck_assert(HOLDS("{mail_from.domain: Example.COM}", "mail_from.domain=example.com"));
    ck_assert(HOLDS("{mail_from.domain: '*.example.com'}", "mail_from.domain=a.example.com"));
    ck_assert(HOLDS("{mail_from: example.com}", "mail_from=joe@example.com") && HOLDS("{mail_from: ''}", "mail_from="));
    ck_assert(HOLDS("{mail_from: '<>'}", "mail_from=") && !HOLDS("{mail_from: '<>'}", "mail_from=a@b"));
    ck_assert(HOLDS("{rcpt: Joe@example.com}", "rcpt=jOE@example.com"));
    ck_assert(HOLDS("{dkim.domains: '*.example.com'}", "dkim.domains=x.example,a.example.com"));
    ck_assert(!HOLDS("{dkim.domains: example.com}", "dkim.domains="));
}
END_TEST

START_TEST(texts_compare_whole_and_without_case)
{
    ck_assert(HOLDS("{header.X-Loop: yes}", "header.X-Loop=YES") && !HOLDS("{header.X-Loop: yes}", "header.X-Loop=yes!"));
    ck_assert(HOLDS("{header.X: '<>'}", "header.X=<>") && HOLDS("{header.X: '1.2.3'}", "header.X=1.2.3"));
    ck_assert(HOLDS("{header.X: 'absent'}", "header.X=Absent") && !HOLDS_WITHOUT_FACTS("{header.X: 'absent'}"));
    ck_assert(HOLDS("{helo: .dyn.example}", "helo=a.dyn.example"));
}
END_TEST

START_TEST(lists_are_looked_up_by_name)
{
    ck_assert(HOLDS("{client.ip: {in: relays}}", "client.ip=192.0.2.1") && !HOLDS("{client.ip: {in: relays}}", "client.ip=192.0.3.1"));
    ck_assert(HOLDS("{mail_from: {in: friends}}", "mail_from=x@example.com") &&
              HOLDS("{mail_from: {in: friends}}", "mail_from=JOE@example.net"));
    ck_assert(HOLDS("{mail_from.domain: {in: [none, friends]}}", "mail_from.domain=example.com"));
    ck_assert(!HOLDS("{mail_from.domain: {not: {in: [none, friends]}}}", "mail_from.domain=example.com"));
    ck_assert(!HOLDS("{mail_from.domain: {in: none}}", "mail_from.domain=example.com"));
}
END_TEST

START_TEST(regular_expressions_are_found_without_case_in_texts_domains_mailboxes_and_items)
{
    ck_assert(HOLDS("{header.Subject: {matches: '^\\[spam\\]'}}", "header.Subject=[SPAM] buy"));
    ck_assert(!HOLDS("{header.Subject: {matches: '^\\[spam\\]'}}", "header.Subject=a [SPAM]"));
    ck_assert(HOLDS("{header.Subject: {matches: [viagra, 'c[i1]alis']}}", "header.Subject=C1ALIS"));
    ck_assert(HOLDS("{helo: {matches: '^(\\d+[.-]){4}'}}", "helo=192-0-2-1.dyn.example"));
    ck_assert(HOLDS("{mail_from: {matches: '^bounce-.*@'}}", "mail_from=bounce-12@example.com"));
    ck_assert(HOLDS("{mail_from: {matches: '^$'}}", "mail_from=") && !HOLDS_WITHOUT_FACTS("{mail_from: {matches: '^$'}}"));
    ck_assert(HOLDS("{mail_from.domain: {not: {matches: '^mail'}}}", "mail_from.domain=example.com"));
    ck_assert(HOLDS("{dkim.domains: {matches: '^a\\.'}}", "dkim.domains=b.example,a.example"));
    ck_assert(!HOLDS("{dkim.domains: {matches: 'example,a'}}", "dkim.domains=b.example,a.example"));
    ck_assert(!HOLDS("{header.X: {matches: (?-i)spam}}", "header.X=SPAM") && HOLDS("{header.X: {matches: (?-i)spam}}", "header.X=spam"));
}
END_TEST

START_TEST(an_expression_that_gives_up_does_not_match_and_names_its_rule)
{
    struct fixture f;
    fixture_must_load(
        &f,
        "policies: {p: {data: [{rule: a, when: {spf: fail}, do: reject}, {rule: b, when: {header.X: {matches: '(a|aa)+$'}}, do: reject},"
        " {rule: c, when: {header.X: {not: {matches: '(a|aa)+$'}}}, do: discard}]}}");
    fixture_set(&f, "header.X", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    struct decision d = fixture_decide(&f, STAGE_DATA);
    ck_assert_str_eq(d.rule, "c");
    ck_assert_str_eq(d.gave_up, "b");
    fixture_set(&f, "header.X", "aaa");
    d = fixture_decide(&f, STAGE_DATA);
    ck_assert_str_eq(d.rule, "b");
    ck_assert_ptr_null(d.gave_up);
    fixture_close(&f);
}
END_TEST

static void refuses(const char *when, const char *text)
{
    struct fixture f;
    load_when(&f, when);
    const struct conf_error *e = fixture_find_error(&f, 3, text);
    ck_assert_msg(e != NULL, "%s: expected \"%s\", got \"%s\"", when, text, f.errors.first ? f.errors.first->text : "nothing");
    ck_assert_uint_gt(e->column, 0);
    fixture_close(&f);
}

START_TEST(mistakes_are_told_in_words)
{
    refuses("{spff: fail}", "unknown fact \"spff\"; did you mean \"spf\"?");
    refuses("{zzzzzzzzzz: fail}", "unknown fact \"zzzzzzzzzz\"");
    refuses("{spf: fial}", "\"spf\" is never \"fial\"; did you mean \"fail\"?");
    refuses("{rate: sometimes}", "it can be ok and over");
    refuses("{spf: {over: 3}}", "operator \"over\" needs a number and does not fit \"spf\", which is a word");
    refuses("{spf: {in: relays}}", "operator \"in\" does not fit \"spf\", which is a word");
    refuses("{size: {in: relays}}", "operator \"in\" does not fit \"size\", which is a number");
    refuses("{spf: {matches: 'f.*'}}", "operator \"matches\" does not fit \"spf\", which is a word");
    refuses("{client.ip: {matches: '^10'}}", "operator \"matches\" does not fit \"client.ip\", which is an address");
    refuses("{helo: {matches: 'a(b'}}", "\"a(b\" is no regular expression: missing closing parenthesis, at offset 3");
    refuses("{helo: {matches: [a, '[']}}", "is no regular expression: missing terminating ]");
    refuses("{helo: {matches: {a: b}}}", "a regular expression is needed, not a mapping");
    refuses("{helo: {matches: }}", "a regular expression is needed, not an empty value");
    refuses("{helo: {matches: []}}", "is empty");
    refuses("{spf: {like: 'f.*'}}", "unknown operator \"like\"");
    refuses("{size: {ovr: 3}}", "did you mean \"over\"?");
    refuses("{client.ip: {in: relay}}", "undefined list \"relay\"; did you mean \"relays\"?");
    refuses("{client.ip: {in: [relays, 192.0.2.9]}}", "values stand without `in`");
    refuses("{client.ip: {in: friends}}", "no entry that \"client.ip\" (address) could match");
    refuses("{mail_from: {in: relays}}", "no entry that \"mail_from\" (mailbox) could match");
    refuses("{client.ip: example.com}", "needs an address or network");
    refuses("{client.ip: 192.0.2.0/33}", "not an address or network");
    refuses("{mail_from.domain: joe@example.com}", "needs a domain");
    refuses("{mail_from: 192.0.2.1}", "needs a mailbox");
    refuses("{size: big}", "\"big\" is no number");
    refuses("{size: {under: 10Mb}}", "is no number");
    refuses("{size: 99999999999999999999}", "is no number");
    refuses("{spf: }", "an empty value");
    refuses("{spf: {in: {x: y}}}", "operator \"in\"");
    refuses("{client.ip: {in: {x: y}}}", "a list's name is needed");
    refuses("{spf: []}", "is empty");
    refuses("{spf: {}}", "is empty");
    refuses("{}", "is empty");
    refuses("[]", "is empty");
    refuses("always", "a condition is a mapping");
    refuses("[spf]", "a condition is a mapping");
    refuses("{any: spf}", "a list of conditions is needed");
    refuses("{not: spf}", "a condition is a mapping");
    refuses("{spf: {absent: yes}}", "true or false is needed");
    refuses("{header.: x}", "unknown fact");
    refuses("{'header.a b': x}", "unknown fact");
}
END_TEST

START_TEST(all_mistakes_are_told_at_once)
{
    struct fixture f;
    load_when(&f, "{spff: fail, dkim: fial, any: [{sizee: 3}, {size: x}], not: {rate: maybe}}");
    ck_assert_uint_eq(f.errors.errors, 5);
    fixture_close(&f);
}
END_TEST

START_TEST(a_star_in_a_text_is_warned_about_unless_it_is_a_wildcard)
{
    struct fixture f;
    fixture_load(&f, "policies: {p: {data: [{rule: r, when: {header.Subject: \"*viagra*\"}, do: discard}]}}\n");
    ck_assert_uint_eq(f.errors.errors, 0);
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "\"*\" stands for itself in \"*viagra*\"; only \"*.\" before a domain is a wildcard"));
    fixture_set(&f, "header.Subject", "cheap viagra now");
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_ACCEPT);
    fixture_set(&f, "header.Subject", "*viagra*");
    ck_assert_int_eq(fixture_decide(&f, STAGE_DATA).action, ACTION_DISCARD);
    fixture_close(&f);
    fixture_must_load(&f, "policies: {p: {helo: [{rule: r, when: {helo: \"*.example.com\"}, do: reject}]}}\n");
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/conditions/condition", a_map_is_and_a_list_is_or, a_list_of_values_is_any_of_them, a_temporary_error_is_never_a_fail,
          with_an_absent_fact_only_absent_and_negations_hold, numbers_compare_with_units,
          addresses_domains_and_mailboxes_compare_by_their_type, texts_compare_whole_and_without_case, lists_are_looked_up_by_name,
          regular_expressions_are_found_without_case_in_texts_domains_mailboxes_and_items,
          an_expression_that_gives_up_does_not_match_and_names_its_rule, mistakes_are_told_in_words, all_mistakes_are_told_at_once,
          a_star_in_a_text_is_warned_about_unless_it_is_a_wildcard)
