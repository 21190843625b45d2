/* Proves policy/conditions/condition_logic.c: what is claimed of two conditions holds for all facts, and what is plain is seen. */
#include "policy/conditions/condition_logic.h"

#include "tests/unit/policy/policy_random.h"

/** Loads two data rules, one for each condition. */
static void load_two(struct fixture *f, const char *a, const char *b)
{
    char yaml[2000];
    snprintf(yaml, sizeof yaml,
             "lists: {l: [example.com], m: [example.com]}\npolicies: {p: {split: lenient, data: [{rule: a, do: accept, when: %s},\n"
             " {rule: b, do: reject, when: %s}]}}\n",
             a, b);
    fixture_load_warned(f, yaml);
}

static bool implies(const char *a, const char *b)
{
    struct fixture f;
    struct condition_logic logic = {0};
    load_two(&f, a, b);
    const struct rule *rule = f.policy->stages[STAGE_DATA];
    bool result = condition_implies(rule->when, rule->next->when, &logic);
    fixture_close(&f);
    return result;
}

/** The name of the fact that makes it impossible, or "". */
static const char *contradiction(const char *when)
{
    static char name[100];
    struct fixture f;
    struct condition_logic logic = {0};
    load_two(&f, when, "{spf: fail}");
    int fact = condition_contradiction(f.policy->stages[STAGE_DATA]->when, &logic);
    snprintf(name, sizeof name, "%s", fact < 0 ? "" : fact_schema_def(f.schema, fact)->name);
    fixture_close(&f);
    return name;
}

START_TEST(more_demands_imply_fewer)
{
    ck_assert(implies("{spf: fail}", "{spf: fail}") && implies("{spf: fail, dkim: pass}", "{spf: fail}"));
    ck_assert(implies("{dkim: pass, spf: fail}", "{spf: fail, dkim: pass}"));
    ck_assert(!implies("{spf: fail}", "{spf: fail, dkim: pass}") && !implies("{spf: fail}", "{dkim: fail}"));
    ck_assert(implies("{all: [{spf: fail}, {any: [{dkim: pass}, {dkim: none}]}]}", "{spf: fail}"));
}
END_TEST

START_TEST(one_of_fewer_implies_one_of_more)
{
    ck_assert(implies("{spf: fail}", "{spf: [fail, softfail]}") && implies("{spf: [softfail, fail]}", "{spf: [fail, none, softfail]}"));
    ck_assert(!implies("{spf: [fail, none]}", "{spf: [fail, softfail]}") && implies("{spf: fail}", "[{dkim: pass}, {spf: fail}]"));
    ck_assert(implies("{dkim: pass, any: [{spf: fail}, {spf: none}]}", "{spf: [none, fail]}"));
}
END_TEST

START_TEST(tests_imply_what_their_values_do)
{
    ck_assert(implies("{spf: fail}", "{spf: present}") && !implies("{spf: present}", "{spf: fail}"));
    ck_assert(implies("{size: {over: 10}}", "{size: {over: 5}}") && !implies("{size: {over: 5}}", "{size: {over: 10}}"));
    ck_assert(implies("{size: {under: 5}}", "{size: {under: 6}}") && implies("{size: 7}", "{size: {over: 6}}"));
    ck_assert(!implies("{size: 7}", "{size: {over: 7}}") && implies("{size: {over: 5}}", "{size: {over: 4, present: true}}"));
    ck_assert(implies("{client.ip: 192.0.2.1}", "{client.ip: 192.0.2.0/24}"));
    ck_assert(!implies("{client.ip: 192.0.2.0/24}", "{client.ip: 192.0.2.1}"));
    ck_assert(implies("{mail_from: {in: l}}", "{mail_from: {in: [m, l]}}") && !implies("{mail_from: {in: l}}", "{mail_from: {in: m}}"));
    ck_assert(implies("{helo: {matches: ^a}}", "{helo: {matches: ^a}}") && !implies("{helo: {matches: ^a}}", "{helo: {matches: ^b}}"));
    ck_assert(implies("{helo: Example}", "{helo: example}"));
}
END_TEST

START_TEST(negations_turn_it_round)
{
    ck_assert(implies("{spf: {not: [fail, none]}}", "{spf: {not: fail}}") && !implies("{spf: {not: fail}}", "{spf: {not: [fail, none]}}"));
    ck_assert(implies("{spf: pass}", "{spf: {not: fail}}") && !implies("{spf: {not: fail}}", "{spf: pass}"));
    ck_assert(implies("{spf: absent}", "{spf: {not: fail}}") && !implies("{dkim.domains: a}", "{dkim.domains: {not: b}}"));
    ck_assert(implies("{not: {not: {spf: fail}}}", "{not: {not: {spf: fail}}}"));
}
END_TEST

START_TEST(what_cannot_be_at_once_is_named)
{
    ck_assert_str_eq(contradiction("{all: [{spf: fail}, {spf: pass}]}"), "spf");
    ck_assert_str_eq(contradiction("{dkim: pass, all: [{spf: [fail, none]}, {spf: pass}]}"), "spf");
    ck_assert_str_eq(contradiction("{size: {over: 10, under: 11}}"), "size");
    ck_assert_str_eq(contradiction("{all: [{size: 4}, {size: {over: 4}}]}"), "size");
    ck_assert_str_eq(contradiction("{all: [{spf: absent}, {spf: fail}]}"), "spf");
    ck_assert_str_eq(contradiction("{spf: {absent: true, present: true}}"), "spf");
    ck_assert_str_eq(contradiction("{all: [{client.ip: 192.0.2.0/24}, {client.ip: 198.51.100.1}]}"), "client.ip");
    ck_assert_str_eq(contradiction("{all: [{mail_from.domain: a.example}, {mail_from.domain: b.example}]}"), "mail_from.domain");
    ck_assert_str_eq(contradiction("{all: [{mail_from: {in: l}}, {mail_from: {not: {in: l}}}]}"), "mail_from");
    ck_assert_str_eq(contradiction("[{all: [{spf: fail}, {spf: pass}]}, {size: {over: 3, under: 2}}]"), "size");
}
END_TEST

START_TEST(what_can_be_is_not_doubted)
{
    ck_assert_str_eq(contradiction("{size: {over: 10, under: 12}}"), "");
    ck_assert_str_eq(contradiction("{spf: [fail, pass]}"), "");
    ck_assert_str_eq(contradiction("{all: [{dkim.domains: a.example}, {dkim.domains: b.example}]}"), "");
    ck_assert_str_eq(contradiction("{all: [{client.ip: 192.0.2.0/24}, {client.ip: 192.0.2.1}]}"), "");
    ck_assert_str_eq(contradiction("{all: [{mail_from.domain: .example}, {mail_from.domain: b.example}]}"), "");
    ck_assert_str_eq(contradiction("{all: [{spf: {not: fail}}, {spf: {not: pass}}]}"), "");
    ck_assert_str_eq(contradiction("[{all: [{spf: fail}, {spf: pass}]}, {dkim: fail}]"), "");
}
END_TEST

START_TEST(what_is_claimed_of_random_conditions_holds_for_all_facts)
{
    unsigned implied = 0, impossible = 0;
    for (unsigned round = 1; round <= 1000; round++) {
        struct reference_rule rules[RULES_MAX];
        struct condition_logic logic = {0};
        struct buf yaml = {0};
        struct fixture f;
        seed = round;
        make_models();
        write_head(&yaml, STAGE_DATA);
        for (size_t i = 0; i < RULES_MAX; i++)
            rules[i] = write_rule(&yaml, STAGE_DATA, i);
        fixture_load_warned(&f, yaml.ptr);
        const struct rule *a = f.policy->stages[STAGE_DATA];
        for (size_t i = 0; i < RULES_MAX; i++, a = a->next) {
            bool never = condition_contradiction(a->when, &logic) >= 0;
            ck_assert_msg(!never || rules[i].truth == 0, "r%zu may hold:\n%s", i, yaml.ptr);
            impossible += never;
            const struct rule *b = f.policy->stages[STAGE_DATA];
            for (size_t j = 0; j < RULES_MAX; j++, b = b->next) {
                bool follows = condition_implies(a->when, b->when, &logic);
                ck_assert_msg(!follows || (rules[i].truth & ~rules[j].truth) == 0, "r%zu without r%zu:\n%s", i, j, yaml.ptr);
                ck_assert_msg(follows || i != j, "r%zu implies itself:\n%s", i, yaml.ptr);
                implied += follows && i != j;
            }
        }
        fixture_close(&f);
        buf_release(&yaml);
    }
    ck_assert_uint_gt(implied, 1000);
    ck_assert_uint_gt(impossible, 10);
}
END_TEST

START_TEST(thinking_has_an_end)
{
    struct fixture f;
    struct condition_logic logic = {.steps = 100 * 1000 * 1000};
    load_two(&f, "{spf: fail}", "{spf: fail}");
    const struct rule *rule = f.policy->stages[STAGE_DATA];
    ck_assert(!condition_implies(rule->when, rule->next->when, &logic));
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/conditions/condition_logic", more_demands_imply_fewer, one_of_fewer_implies_one_of_more, tests_imply_what_their_values_do,
          negations_turn_it_round, what_cannot_be_at_once_is_named, what_can_be_is_not_doubted,
          what_is_claimed_of_random_conditions_holds_for_all_facts, thinking_has_an_end)
