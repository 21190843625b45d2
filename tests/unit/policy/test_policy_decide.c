/* Proves policy/policy_decide.c and policy/conditions/condition.c against a naive reference (policy_random.h), and that what is in
 * shadow never acts. */
#include "tests/unit/policy/policy_random.h"

static void must_be(const struct decision *d, const struct reference_rule *rules, size_t count, size_t model, bool whole, const char *yaml)
{
    struct buf got = {0}, expected = {0};
    describe(&got, d);
    describe_reference(&expected, rules, count, model, whole);
    ck_assert_msg(slice_eq(buf_slice(&got), buf_slice(&expected)), "model %zu%s: expected\n%.*s\nbut got\n%.*s\nof:\n%s", model,
                  whole ? ", all in shadow" : "", SLICE_FMT(buf_slice(&expected)), SLICE_FMT(buf_slice(&got)), yaml);
    buf_release(&got);
    buf_release(&expected);
}

START_TEST(random_policies_decide_like_the_reference)
{
    unsigned decided = 0, affected = 0;
    for (unsigned round = 1; round <= 1500; round++) {
        struct reference_rule rules[RULES_MAX];
        struct buf yaml = {0};
        struct fixture f;
        seed = round;
        make_models();
        enum stage stage = pick(3) ? STAGE_DATA : STAGE_RCPT;
        write_head(&yaml, stage);
        size_t count = 1 + pick(RULES_MAX);
        for (size_t i = 0; i < count; i++)
            rules[i] = write_rule(&yaml, stage, i);
        fixture_load_warned(&f, yaml.ptr);
        for (size_t m = 0; m < MODELS; m++) {
            struct decision d, shadowed;
            set_model(&f, m);
            policy_decide(f.policy, stage, &f.facts, false, f.arena, &d);
            must_be(&d, rules, count, m, false, yaml.ptr);
            policy_decide(f.policy, stage, &f.facts, true, f.arena, &shadowed);
            must_be(&shadowed, rules, count, m, true, yaml.ptr);
            ck_assert(shadowed.shadowed && !d.shadowed);
            ck_assert(!shadowed.effects && !decision_refuses(&shadowed));
            decided += d.rule != NULL;
            affected += d.effects != NULL;
        }
        fixture_close(&f);
        buf_release(&yaml);
    }
    ck_assert_uint_gt(decided, 10000); /* the generator is not idle */
    ck_assert_uint_gt(affected, 5000);
}
END_TEST

START_TEST(taking_the_shadow_rules_away_changes_nothing_that_acts)
{
    for (unsigned round = 1; round <= 500; round++) {
        struct buf with = {0}, without = {0};
        struct fixture f, g;
        seed = round;
        make_models();
        write_head(&with, STAGE_DATA);
        write_head(&without, STAGE_DATA);
        for (size_t i = 0, count = 1 + pick(RULES_MAX); i < count; i++) {
            size_t start = with.len;
            if (!write_rule(&with, STAGE_DATA, i).shadow)
                buf_add(&without, slice_skip(buf_slice(&with), start));
        }
        fixture_load_warned(&f, with.ptr);
        fixture_load_warned(&g, without.ptr);
        for (size_t m = 0; m < MODELS; m++) {
            struct buf a = {0}, b = {0};
            set_model(&f, m);
            set_model(&g, m);
            struct decision d = fixture_decide(&f, STAGE_DATA), e = fixture_decide(&g, STAGE_DATA);
            d.shadow = NULL;
            describe(&a, &d);
            describe(&b, &e);
            ck_assert_msg(slice_eq(buf_slice(&a), buf_slice(&b)), "%.*s\n%.*s\n%s", SLICE_FMT(buf_slice(&a)), SLICE_FMT(buf_slice(&b)),
                          with.ptr);
            ck_assert(slice_eq(policy_rcpt_class(f.policy, &f.facts, f.arena), policy_rcpt_class(g.policy, &g.facts, g.arena)));
            buf_release(&a);
            buf_release(&b);
        }
        fixture_close(&f);
        fixture_close(&g);
        buf_release(&with);
        buf_release(&without);
    }
}
END_TEST

START_TEST(recipients_of_one_class_get_one_decision)
{
    unsigned alike = 0, apart = 0;
    for (unsigned round = 1; round <= 500; round++) {
        struct buf yaml = {0};
        struct fixture f;
        seed = round;
        make_models();
        write_head(&yaml, STAGE_DATA);
        for (size_t i = 0, count = 1 + pick(RULES_MAX); i < count; i++)
            write_rule(&yaml, STAGE_DATA, i);
        fixture_load_warned(&f, yaml.ptr);
        for (size_t m = 1; m < MODELS; m++) {
            set_model(&f, m);
            struct slice class = policy_rcpt_class(f.policy, &f.facts, f.arena);
            struct decision d = fixture_decide(&f, STAGE_DATA);
            fixture_set(&f, "rcpt", models[m - 1][RCPT]);
            struct decision e = fixture_decide(&f, STAGE_DATA);
            bool same = slice_eq(class, policy_rcpt_class(f.policy, &f.facts, f.arena));
            if (same)
                ck_assert_msg(d.rule == e.rule && d.action == e.action, "%s", yaml.ptr);
            alike += same;
            apart += d.rule != e.rule;
        }
        fixture_close(&f);
        buf_release(&yaml);
    }
    ck_assert_uint_gt(alike, 1000);
    ck_assert_uint_gt(apart, 500);
}
END_TEST

START_TEST(a_stage_without_rules_accepts)
{
    struct fixture f;
    fixture_must_load(&f, "policies: {p: {data: [{rule: a, do: reject}]}}");
    struct decision d = fixture_decide(&f, STAGE_RCPT);
    ck_assert(d.action == ACTION_ACCEPT && !d.rule && d.reply_code == 0 && !d.shadow && !d.effects && !d.shadowed);
    ck_assert(slice_empty(d.reply_text) && slice_empty(d.reply_enhanced));
    fixture_close(&f);
}
END_TEST

START_TEST(every_action_has_its_name)
{
    static const char *const names[] = {"accept",     "trust", "reject",        "tempfail",    "discard",       "quarantine", "redirect",
                                        "disconnect", "tag",   "remove_header", "subject_tag", "add_recipient", "delay"};
    for (int i = 0; i < ACTION_COUNT; i++)
        ck_assert_str_eq(action_name((enum action)i), names[i]);
}
END_TEST

static struct policy_trial trials[8];
static int seen[8];
static size_t trial_count;

static void keep_trial(void *ctx, const struct policy_trial *trial)
{
    ck_assert_uint_lt(trial_count, 8);
    seen[trial_count] = trial->fact_count ? trial->facts[trial->fact_count - 1] : -1;
    trials[trial_count++] = *trial;
}

START_TEST(a_trace_tells_every_rule_tried_and_what_settled_it)
{
    struct fixture f;
    struct decision d, plain;
    static const char *const names[] = {"a", "b", "c"};
    const struct policy_trace trace = {keep_trial, NULL};
    fixture_must_load(&f, "policies: {p: {data: ["
                          "{rule: a, when: {spf: fail, dkim: fail}, do: reject},"
                          "{rule: b, mode: shadow, when: [{spf: pass}, {dkim: pass}], do: reject},"
                          "{rule: c, when: {all: [{spf: pass}, {not: {spf: fail}}]}, do: tempfail},"
                          "{rule: d, do: reject}]}}");
    facts_set_text(&f.facts, fixture_id(&f, "spf"), SLICE("pass"));
    trial_count = 0;
    policy_decide_traced(f.policy, STAGE_DATA, &f.facts, false, f.arena, &d, &trace);
    ck_assert_uint_eq(trial_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(trials[i].rule, names[i]);
        ck_assert_int_eq(trials[i].matched, i > 0);
        ck_assert_int_eq(trials[i].shadow, i == 1);
        ck_assert_uint_eq(trials[i].fact_count, 1);
        ck_assert_int_eq(seen[i], fixture_id(&f, "spf"));
    }
    policy_decide(f.policy, STAGE_DATA, &f.facts, false, f.arena, &plain);
    ck_assert_str_eq(d.rule, plain.rule);
    ck_assert_int_eq(d.action, plain.action);
    ck_assert(d.shadow && plain.shadow && !d.shadow->next && !plain.shadow->next);
    fixture_close(&f);
}
END_TEST

START_TEST(a_refusal_in_shadow_refuses_nobody)
{
    struct decision d = {.action = ACTION_REJECT};
    ck_assert(decision_refuses(&d));
    d.shadowed = true;
    ck_assert(!decision_refuses(&d));
    d = (struct decision){.action = ACTION_TEMPFAIL};
    ck_assert(decision_refuses(&d));
    d = (struct decision){.action = ACTION_DISCONNECT};
    ck_assert(decision_refuses(&d));
    d = (struct decision){.action = ACTION_DISCARD};
    ck_assert(!decision_refuses(&d));
}
END_TEST

START_TEST(milder_is_what_does_the_message_less_harm)
{
    static const enum action steps[] = {ACTION_ACCEPT,   ACTION_QUARANTINE, ACTION_DISCARD,
                                        ACTION_TEMPFAIL, ACTION_REJECT,     ACTION_DISCONNECT};
    for (size_t i = 0; i < COUNT(steps); i++)
        for (size_t j = 0; j < COUNT(steps); j++) {
            struct decision a = {.action = steps[i]}, b = {.action = steps[j]};
            ck_assert_int_eq(decision_milder(&a, &b), i < j);
        }
    struct decision redirect = {.action = ACTION_REDIRECT}, quarantine = {.action = ACTION_QUARANTINE}, trust = {.action = ACTION_TRUST};
    ck_assert(!decision_milder(&redirect, &quarantine) && !decision_milder(&quarantine, &redirect) && decision_milder(&trust, &redirect));
}
END_TEST

UNIT_MAIN("policy/policy_decide", random_policies_decide_like_the_reference, taking_the_shadow_rules_away_changes_nothing_that_acts,
          recipients_of_one_class_get_one_decision, a_stage_without_rules_accepts, every_action_has_its_name,
          a_trace_tells_every_rule_tried_and_what_settled_it, a_refusal_in_shadow_refuses_nobody, milder_is_what_does_the_message_less_harm)
