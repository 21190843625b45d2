/* Proves filters/facts_saved.c. */
#include "filters/facts.h"
#include "tests/unit/unit.h"

static const struct fact_def defs[] = {
    {"rcpt", FACT_MAILBOX, STAGE_RCPT, FACT_RECIPIENT, NULL, ""}, {"tries", FACT_NUMBER, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"seen", FACT_LIST, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},    {"relay", FACT_ADDRESS, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"spf", FACT_TEXT, STAGE_RCPT, FACT_TRANSACTION, NULL, ""},
};
enum { RCPT, TRIES, SEEN, RELAY, SPF, COUNT };

static struct facts new_facts(struct arena *arena)
{
    struct fact_schema *schema = fact_schema_new(arena);
    struct facts facts;
    for (int i = 0; i < COUNT; i++)
        fact_schema_add(schema, &defs[i]);
    facts_init(&facts, schema, arena);
    return facts;
}

START_TEST(a_scope_comes_back_with_texts_items_numbers_and_addresses_of_its_own)
{
    struct arena *arena = arena_new();
    struct facts facts = new_facts(arena);
    char mailbox[] = "joe@example.com", first[] = "a";
    struct slice items[] = {slice_of(first), SLICE("")};
    const struct net_addr addr = {.family = AF_INET, .bytes = {192, 0, 2, 1}};
    facts_set_text(&facts, RCPT, slice_of(mailbox));
    facts_set_number(&facts, TRIES, 3);
    facts_set_list(&facts, SEEN, items, 2);
    facts_set_address(&facts, RELAY, &addr);
    struct facts_saved *saved = facts_save_scope(&facts, FACT_RECIPIENT, arena);
    mailbox[0] = first[0] = 'X'; /* what the values pointed to is used again for the next recipient */
    facts_clear_scope(&facts, FACT_RECIPIENT);
    facts_restore_scope(&facts, FACT_RECIPIENT, saved);
    ck_slice_eq(facts_get(&facts, RCPT)->text, "joe@example.com");
    ck_assert_int_eq(facts_get(&facts, TRIES)->number, 3);
    ck_assert_uint_eq(facts_get(&facts, SEEN)->count, 2);
    ck_slice_eq(facts_get(&facts, SEEN)->items[0], "a");
    ck_slice_eq(facts_get(&facts, SEEN)->items[1], "");
    ck_assert_int_eq(facts_get(&facts, RELAY)->addr.bytes[3], 1);
    arena_free(&arena);
}
END_TEST

START_TEST(what_was_absent_is_absent_again_and_other_scopes_stay)
{
    struct arena *arena = arena_new();
    struct facts facts = new_facts(arena);
    facts_set_text(&facts, RCPT, SLICE(""));
    struct facts_saved *saved = facts_save_scope(&facts, FACT_RECIPIENT, arena);
    facts_set_text(&facts, RCPT, SLICE("b@example.com"));
    facts_set_number(&facts, TRIES, 1);
    facts_set_text(&facts, SPF, SLICE("pass"));
    facts_restore_scope(&facts, FACT_RECIPIENT, saved);
    ck_assert(facts_get(&facts, RCPT)->present && facts_get(&facts, RCPT)->text.len == 0);
    ck_assert(!facts_get(&facts, TRIES)->present);
    ck_slice_eq(facts_get(&facts, SPF)->text, "pass");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/facts_saved", a_scope_comes_back_with_texts_items_numbers_and_addresses_of_its_own,
          what_was_absent_is_absent_again_and_other_scopes_stay)
