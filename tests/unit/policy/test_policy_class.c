/* Proves policy/policy_class.c and the demand for `split`: equal classes mean equal decisions, whatever the message is. */
#include "tests/unit/policy/policy_fixture.h"

static const char rules[] =
    "lists: {vips: [boss@example.com]}\n"
    "policies:\n p:\n  split: defer\n  rcpt:\n"
    "   - {rule: at rcpt, when: {rcpt.domain: other.example}, do: accept}\n"
    "  data:\n"
    "   - {rule: vip, when: {rcpt: {in: vips}, spf: fail}, do: quarantine}\n"
    "   - {rule: watched, mode: shadow, when: {rcpt: joe@example.com}, do: reject}\n"
    "   - {rule: strict, when: {any: [{rcpt.domain: strict.example}, {size: {over: 10}}], spf: {not: pass}}, do: reject}\n"
    "   - {rule: big, when: {size: {over: 5}}, do: discard}\n";

static struct slice class_of(struct fixture *f, const char *rcpt)
{
    fixture_set(f, "rcpt", rcpt);
    fixture_set(f, "rcpt.domain", strchr(rcpt, '@') + 1);
    return policy_rcpt_class(f->policy, &f->facts, f->arena);
}

START_TEST(recipients_whom_the_rules_treat_alike_are_of_one_class)
{
    struct fixture f;
    fixture_must_load(&f, rules);
    struct slice plain = class_of(&f, "ann@example.com");
    ck_assert(!slice_empty(plain));
    ck_assert(slice_eq(plain, class_of(&f, "bob@other.example")));
    ck_assert(!slice_eq(plain, class_of(&f, "Boss@example.com")) && !slice_eq(plain, class_of(&f, "ann@strict.example")));
    ck_assert(!slice_eq(class_of(&f, "boss@example.com"), class_of(&f, "ann@strict.example")));
    fixture_close(&f);
}
END_TEST

START_TEST(a_rule_in_shadow_parts_nobody)
{
    struct fixture f;
    fixture_must_load(&f, rules);
    ck_assert(slice_eq(class_of(&f, "joe@example.com"), class_of(&f, "ann@example.com")));
    fixture_close(&f);
    fixture_must_load(&f, "policies: {p: {data: [{rule: a, mode: shadow, when: {rcpt.domain: x.example}, do: reject}]}}");
    ck_assert(slice_empty(class_of(&f, "joe@x.example")));
    fixture_close(&f);
}
END_TEST

START_TEST(equal_classes_get_equal_decisions_for_every_message)
{
    static const char *const rcpts[] = {"ann@example.com", "boss@example.com", "joe@example.com", "ann@strict.example", "x@other.example"};
    static const char *const spfs[] = {NULL, "pass", "fail"}, *const sizes[] = {NULL, "1", "6", "11"};
    struct fixture f;
    fixture_must_load(&f, rules);
    for (int message = 0; message < 12; message++)
        for (int a = 0; a < 5; a++)
            for (int b = 0; b < a; b++) {
                fixture_set(&f, "spf", spfs[message % 3]);
                fixture_set(&f, "size", sizes[message / 3]);
                struct slice first = class_of(&f, rcpts[a]);
                struct decision d = fixture_decide(&f, STAGE_DATA);
                struct slice second = class_of(&f, rcpts[b]);
                struct decision e = fixture_decide(&f, STAGE_DATA);
                if (slice_eq(first, second))
                    ck_assert(d.action == e.action && d.rule == e.rule);
            }
    fixture_close(&f);
}
END_TEST

START_TEST(without_rules_about_recipients_all_are_alike)
{
    struct fixture f;
    fixture_must_load(&f, "policies: {p: {data: [{rule: a, when: {spf: fail}, do: reject}, {rule: b, do: accept}]}}");
    ck_assert(slice_empty(class_of(&f, "joe@example.com")));
    ck_assert_int_eq(policy_split(f.policy), POLICY_SPLIT_DEFER);
    fixture_close(&f);
    fixture_must_load(&f, "policies: {}");
    ck_assert(slice_empty(class_of(&f, "joe@example.com")));
    fixture_close(&f);
}
END_TEST

START_TEST(data_rules_about_recipients_need_split)
{
    struct fixture f;
    fixture_load(&f, "policies:\n p:\n  data:\n   - rule: a\n     when: {spf: fail, rcpt.domain: x.example}\n     do: reject\n"
                     "   - rule: b\n     when: {not: {rcpt: y@x.example}}\n     do: tag\n     header: {X-A: b}\n");
    const struct conf_error *e = fixture_find_error(&f, 5, "\"rcpt.domain\" may differ between the recipients of one message");
    ck_assert_ptr_nonnull(e);
    ck_assert_uint_eq(e->column, 24);
    ck_assert(strstr(e->text, "split: defer") && strstr(e->text, "split: lenient"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 8, "\"rcpt\" may differ"));
    ck_assert_uint_eq(f.errors.errors, 2);
    fixture_close(&f);
    fixture_must_load(&f, "policies: {p: {data: [{rule: a, when: {rcpt.domain: x.example}, do: reject}], split: lenient}}");
    ck_assert_int_eq(policy_split(f.policy), POLICY_SPLIT_LENIENT);
    fixture_close(&f);
    fixture_must_load(&f, "policies: {p: {rcpt: [{rule: a, when: {rcpt.domain: x.example}, do: reject}]}}");
    fixture_close(&f);
}
END_TEST

START_TEST(split_has_two_words)
{
    struct fixture f;
    fixture_load(&f, "policies: {p: {split: deffer, data: []}}");
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "p.split: unknown split \"deffer\"; did you mean \"defer\"?"));
    fixture_close(&f);
    fixture_load(&f, "policies: {p: {split: [defer], data: []}}");
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "a split is needed, not a list"));
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/policy_class", recipients_whom_the_rules_treat_alike_are_of_one_class, a_rule_in_shadow_parts_nobody,
          equal_classes_get_equal_decisions_for_every_message, without_rules_about_recipients_all_are_alike,
          data_rules_about_recipients_need_split, split_has_two_words)
