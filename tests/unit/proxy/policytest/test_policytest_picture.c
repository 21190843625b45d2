/* policytest_picture: what is seen of a decision, and when it is as expected. */
#include "proxy/policytest/policytest_picture.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static struct policytest_texts texts_of(enum policytest_aspect aspect, const char *const *items)
{
    struct policytest_picture p = {0};
    for (; *items; items++)
        policytest_picture_add(&p, aspect, slice_of(*items), arena);
    return p.of[aspect];
}

#define TEXTS(aspect, ...) texts_of(aspect, (const char *const[]){__VA_ARGS__, NULL})

static bool holds(enum policytest_aspect aspect, const char *expected, const char *got)
{
    struct policytest_texts e = TEXTS(aspect, expected), g = TEXTS(aspect, got);
    return policytest_picture_holds(aspect, &e, &g);
}

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(&arena);
}

START_TEST(a_reply_is_expected_whole_or_by_its_codes)
{
    setup();
    static const char got[] = "550 5.7.1 No mail from you";
    ck_assert(holds(POLICYTEST_REPLY, got, got));
    ck_assert(holds(POLICYTEST_REPLY, "550", got));
    ck_assert(holds(POLICYTEST_REPLY, "550 5.7.1", got));
    ck_assert(!holds(POLICYTEST_REPLY, "550 5.7", got));
    ck_assert(!holds(POLICYTEST_REPLY, "55", got));
    ck_assert(!holds(POLICYTEST_REPLY, "550 5.7.1 No mail", got));
    ck_assert(!holds(POLICYTEST_REPLY, "550 5.7.1 no mail from you", got));
    ck_assert(!holds(POLICYTEST_REPLY, "550 5.7.12", got));
    ck_assert(!holds(POLICYTEST_REPLY, "451", got));
    teardown();
}
END_TEST

START_TEST(names_of_fields_and_mailboxes_have_no_case_but_values_and_rules_have)
{
    setup();
    ck_assert(holds(POLICYTEST_TAG, "x-check: a", "X-Check: a"));
    ck_assert(!holds(POLICYTEST_TAG, "X-Check: A", "X-Check: a"));
    ck_assert(!holds(POLICYTEST_TAG, "X-Chec: a", "X-Check: a"));
    ck_assert(holds(POLICYTEST_REMOVE_HEADER, "x-spam-*", "X-Spam-*"));
    ck_assert(holds(POLICYTEST_ADD_RECIPIENT, "A@example.org", "a@example.org"));
    ck_assert(holds(POLICYTEST_TO, "A@example.org", "a@example.org"));
    ck_assert(!holds(POLICYTEST_RULE, "spf", "SPF"));
    ck_assert(!holds(POLICYTEST_SUBJECT_TAG, "[ad] ", "[AD] "));
    teardown();
}
END_TEST

START_TEST(several_texts_are_compared_as_a_whole_in_any_order)
{
    setup();
    struct policytest_texts ab = TEXTS(POLICYTEST_SHADOW, "a", "b"), ba = TEXTS(POLICYTEST_SHADOW, "b", "a");
    struct policytest_texts aa = TEXTS(POLICYTEST_SHADOW, "a", "a"), a = TEXTS(POLICYTEST_SHADOW, "a"), none = {.known = true};
    ck_assert(policytest_picture_holds(POLICYTEST_SHADOW, &ab, &ba));
    ck_assert(!policytest_picture_holds(POLICYTEST_SHADOW, &ab, &aa));
    ck_assert(!policytest_picture_holds(POLICYTEST_SHADOW, &aa, &ab));
    ck_assert(!policytest_picture_holds(POLICYTEST_SHADOW, &a, &ab));
    ck_assert(!policytest_picture_holds(POLICYTEST_SHADOW, &none, &a));
    ck_assert(policytest_picture_holds(POLICYTEST_SHADOW, &none, &none));
    teardown();
}
END_TEST

START_TEST(a_picture_has_every_aspect_of_a_decision)
{
    setup();
    struct policy_shadow watched = {.rule = "watched"};
    struct policy_effect delay = {.action = ACTION_DELAY, .delay_ms = 1500};
    struct policy_effect more = {.action = ACTION_DELAY, .delay_ms = 500, .next = &delay};
    struct policy_effect tag = {.action = ACTION_TAG, .name = SLICE("X-A"), .value = SLICE("b"), .next = &more};
    struct rehearsal_step step = {.judged = true, .refused = false};
    step.decision = (struct decision){.action = ACTION_REDIRECT, .rule = "r", .to = SLICE("a@b"), .effects = &tag, .shadow = &watched};
    struct policytest_picture p = policytest_picture_of(&step, arena);
    ck_slice_eq(p.of[POLICYTEST_ACTION].items[0], "redirect");
    ck_slice_eq(p.of[POLICYTEST_RULE].items[0], "r");
    ck_slice_eq(p.of[POLICYTEST_TO].items[0], "a@b");
    ck_slice_eq(p.of[POLICYTEST_TAG].items[0], "X-A: b");
    ck_slice_eq(p.of[POLICYTEST_DELAY].items[0], "2s");
    ck_slice_eq(p.of[POLICYTEST_SHADOW].items[0], "watched");
    ck_assert_uint_eq(p.of[POLICYTEST_REPLY].count, 0);
    ck_assert(p.of[POLICYTEST_SUBJECT_TAG].known);
    teardown();
}
END_TEST

START_TEST(a_refusal_of_the_proxy_itself_is_an_action_without_a_rule)
{
    setup();
    struct rehearsal_step step = {.refused = true, .reply = SLICE("452 4.5.3 Too many recipients")};
    struct policytest_picture p = policytest_picture_of(&step, arena);
    ck_slice_eq(p.of[POLICYTEST_ACTION].items[0], "tempfail");
    ck_slice_eq(p.of[POLICYTEST_REPLY].items[0], "452 4.5.3 Too many recipients");
    ck_assert_uint_eq(p.of[POLICYTEST_RULE].count, 0);
    teardown();
}
END_TEST

START_TEST(what_is_shown_has_no_control_characters)
{
    setup();
    struct buf out = {0};
    struct policytest_texts t = TEXTS(POLICYTEST_TAG, "a\033[1m", "b"), none = {.known = true};
    policytest_texts_show(&out, &t);
    ck_slice_eq(buf_slice(&out), "a\\x1b[1m, b");
    buf_clear(&out);
    policytest_texts_show(&out, &none);
    ck_slice_eq(buf_slice(&out), "none");
    buf_release(&out);
    teardown();
}
END_TEST

UNIT_MAIN("policytest_picture", a_reply_is_expected_whole_or_by_its_codes,
          names_of_fields_and_mailboxes_have_no_case_but_values_and_rules_have, several_texts_are_compared_as_a_whole_in_any_order,
          a_picture_has_every_aspect_of_a_decision, a_refusal_of_the_proxy_itself_is_an_action_without_a_rule,
          what_is_shown_has_no_control_characters)
