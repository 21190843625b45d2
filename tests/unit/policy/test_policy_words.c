/* Proves policy/policy_words.c: the tables are complete and agree with the enums, and what they say can be done loads. */
#include "policy/policy_words.h"

#include "tests/unit/policy/policy_fixture.h"

static bool is_told(const char *name, const char *doc)
{
    size_t n = doc ? strlen(doc) : 0;
    return name && *name && n > 10 && doc[n - 1] == '.';
}

START_TEST(every_word_has_a_name_and_a_sentence)
{
    for (int i = 0; i < STAGE_COUNT; i++) {
        ck_assert(is_told(policy_stages[i].name, policy_stages[i].doc));
        ck_assert_str_eq(policy_stages[i].name, stage_name((enum stage)i));
    }
    for (int i = 0; i < ACTION_COUNT; i++) {
        ck_assert(is_told(policy_actions[i].name, policy_actions[i].doc));
        ck_assert((policy_actions[i].needs & ~policy_actions[i].keys) == 0 && policy_actions[i].stages != 0);
        ck_assert_int_eq(policy_action_find(slice_of(policy_actions[i].name)), i);
    }
    for (int i = 0; i < RULE_KEY_COUNT; i++)
        ck_assert(is_told(policy_rule_keys[i].name, policy_rule_keys[i].doc) && policy_rule_keys[i].example);
    for (int i = 0; i < POLICY_KEY_COUNT; i++)
        ck_assert(is_told(policy_keys[i].name, policy_keys[i].doc) && policy_keys[i].example);
    for (int i = 0; i < OPERATOR_COUNT; i++)
        ck_assert(is_told(policy_operators[i].name, policy_operators[i].doc) && policy_operators[i].types);
    for (int i = 0; i < COMBINATOR_COUNT; i++)
        ck_assert(is_told(policy_combinators[i].name, policy_combinators[i].doc));
    for (int i = 0; i <= FACT_LIST; i++)
        ck_assert(is_told("value", policy_value_docs[i]));
    ck_assert_int_eq(policy_action_find(SLICE("add_header")), ACTION_TAG);
    ck_assert_int_eq(policy_action_find(SLICE("")), -1);
}
END_TEST

/** A rule with this action and the keys of the set, with the tables' own examples; a reply is left out, since its class varies. */
static void load_rule(struct fixture *f, int stage, int action, unsigned keys)
{
    struct arena *arena = arena_new();
    const char *more = "";
    for (int key = RULE_KEY_REPLY + 1; key < RULE_KEY_COUNT; key++)
        if (keys & POLICY_BIT(key))
            more = arena_format(arena, "%s, %s: %s", more, policy_rule_keys[key].name, policy_rule_keys[key].example);
    fixture_load(
        f, arena_format(arena, "policies: {p: {%s: [{rule: r, do: %s%s}]}}", policy_stages[stage].name, policy_actions[action].name, more));
    arena_free(&arena);
}

START_TEST(every_action_loads_at_its_stages_and_at_no_other)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        for (int action = 0; action < ACTION_COUNT; action++) {
            struct fixture f;
            load_rule(&f, stage, action, policy_actions[action].keys);
            bool possible = policy_actions[action].stages & POLICY_BIT(stage);
            ck_assert_msg((f.errors.errors == 0) == possible, "%s at %s: %s", policy_actions[action].name, policy_stages[stage].name,
                          f.errors.first ? f.errors.first->text : "no error");
            if (!possible)
                ck_assert_ptr_nonnull(
                    fixture_find_error(&f, 1, arena_format(f.arena, "%s is possible at stage", action_name((enum action)action))));
            fixture_close(&f);
        }
}
END_TEST

START_TEST(an_action_takes_its_own_keys_and_needs_some_of_them)
{
    for (int action = 0; action < ACTION_COUNT; action++)
        for (int key = RULE_KEY_REPLY + 1; key < RULE_KEY_COUNT; key++) {
            const struct policy_action_word *word = &policy_actions[action];
            struct fixture f;
            load_rule(&f, STAGE_DATA, action, word->keys ^ POLICY_BIT(key)); /* a key of its own taken away, another's added */
            bool wrong = !(word->keys & POLICY_BIT(key)) || (word->needs & POLICY_BIT(key));
            char expected[100];
            snprintf(expected, sizeof expected, word->keys & POLICY_BIT(key) ? "\"%s\" is missing: " : "takes no \"%s\"; it belongs to ",
                     policy_rule_keys[key].name);
            ck_assert_msg((f.errors.errors > 0) == wrong, "%s and %s", word->name, policy_rule_keys[key].name);
            if (wrong)
                ck_assert_ptr_nonnull(fixture_find_error(&f, 1, expected));
            fixture_close(&f);
        }
}
END_TEST

UNIT_MAIN("policy/policy_words", every_word_has_a_name_and_a_sentence, every_action_loads_at_its_stages_and_at_no_other,
          an_action_takes_its_own_keys_and_needs_some_of_them)
