#include "filters/facts.h"
#include "tests/unit/unit.h"

static const char *const spf_words[] = {"pass", "fail", NULL};
static const struct fact_def defs[] = {
    {"spf", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, spf_words, "verdict"},
    {"size", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, "bytes"},
    {"client.ip", FACT_ADDRESS, STAGE_CONNECT, FACT_SESSION, NULL, "address"},
    {"dkim.domains", FACT_LIST, STAGE_DATA, FACT_TRANSACTION, NULL, "signers"},
    {"rcpt", FACT_MAILBOX, STAGE_RCPT, FACT_RECIPIENT, NULL, "recipient"},
};
enum { SPF, SIZE, IP, DOMAINS, RCPT, COUNT };

static struct fact_schema *schema_with_defs(struct arena *arena)
{
    struct fact_schema *schema = fact_schema_new(arena);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(fact_schema_add(schema, &defs[i]), i);
    return schema;
}

START_TEST(a_name_is_taken_once)
{
    struct arena *arena = arena_new();
    struct fact_schema *schema = schema_with_defs(arena);
    ck_assert_int_eq(fact_schema_add(schema, &defs[SPF]), -1);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("spf")), SPF);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("SPF")), -1);
    ck_assert_uint_eq(fact_schema_count(schema), COUNT);
    arena_free(&arena);
}
END_TEST

START_TEST(header_facts_appear_when_asked_for_until_the_schema_is_sealed)
{
    struct arena *arena = arena_new();
    struct fact_schema *schema = schema_with_defs(arena);
    int id = fact_schema_find(schema, SLICE("header.List-Id"));
    ck_assert_int_eq(id, COUNT);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("header.list-id")), id);
    ck_assert_str_eq(fact_schema_def(schema, id)->name, "header.List-Id");
    ck_assert_int_eq(fact_schema_def(schema, id)->since, STAGE_DATA);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("header.")), -1);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("header.a b")), -1);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("header.a:b")), -1);
    fact_schema_seal(schema);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("header.Subject")), -1);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("header.LIST-ID")), id);
    arena_free(&arena);
}
END_TEST

START_TEST(the_schema_grows_beyond_its_first_room)
{
    struct arena *arena = arena_new();
    struct fact_schema *schema = fact_schema_new(arena);
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(fact_schema_find(schema, slice_of(arena_format(arena, "header.X-%d", i))), i);
    ck_assert_int_eq(fact_schema_find(schema, SLICE("header.X-7")), 7);
    arena_free(&arena);
}
END_TEST

START_TEST(a_scope_is_cleared_without_touching_the_others)
{
    struct arena *arena = arena_new();
    struct facts facts;
    struct net_addr addr;
    ck_assert(net_addr_parse_ip(SLICE("192.0.2.1"), &addr));
    facts_init(&facts, schema_with_defs(arena), arena);
    facts_set_text(&facts, SPF, SLICE("pass"));
    facts_set_address(&facts, IP, &addr);
    facts_set_text(&facts, RCPT, SLICE("a@b.example"));
    facts_clear_scope(&facts, FACT_RECIPIENT);
    ck_assert(!facts_get(&facts, RCPT)->present);
    ck_assert(facts_get(&facts, SPF)->present);
    facts_clear_scope(&facts, FACT_TRANSACTION);
    ck_assert(!facts_get(&facts, SPF)->present);
    ck_assert(facts_get(&facts, IP)->present);
    arena_free(&arena);
}
END_TEST

START_TEST(every_type_has_a_text)
{
    struct arena *arena = arena_new();
    struct facts facts;
    struct net_addr addr;
    const struct slice domains[] = {SLICE("a.example"), SLICE(""), SLICE("b.example")};
    ck_assert(net_addr_parse_ip(SLICE("2001:db8::1"), &addr));
    facts_init(&facts, schema_with_defs(arena), arena);
    ck_slice_eq(facts_to_text(&facts, SIZE, arena), "");
    facts_set_text(&facts, SPF, SLICE("fail"));
    facts_set_number(&facts, SIZE, -42);
    facts_set_address(&facts, IP, &addr);
    facts_set_list(&facts, DOMAINS, domains, 3);
    ck_slice_eq(facts_to_text(&facts, SPF, arena), "fail");
    ck_slice_eq(facts_to_text(&facts, SIZE, arena), "-42");
    ck_slice_eq(facts_to_text(&facts, IP, arena), "2001:db8::1");
    ck_slice_eq(facts_to_text(&facts, DOMAINS, arena), "a.example,,b.example");
    facts_set_list(&facts, DOMAINS, NULL, 0);
    ck_slice_eq(facts_to_text(&facts, DOMAINS, arena), "");
    ck_assert(facts_get(&facts, DOMAINS)->present);
    arena_free(&arena);
}
END_TEST

START_TEST(a_typing_error_finds_the_name_that_was_meant)
{
    struct arena *arena = arena_new();
    struct fact_schema *schema = schema_with_defs(arena);
    ck_assert_str_eq(fact_schema_nearest(schema, SLICE("dkim.domain")), "dkim.domains");
    ck_assert_ptr_null(fact_schema_nearest(schema, SLICE("completely-different")));
    arena_free(&arena);
}
END_TEST

START_TEST(facts_of_a_filter_that_is_off_are_marked)
{
    static const struct fact_def three[] = {
        {"one", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, ""},
        {"two", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, ""},
        {"three", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, ""},
    };
    struct arena *arena = arena_new();
    struct fact_schema *schema = fact_schema_new(arena);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(fact_schema_add(schema, &three[i]), (int)i);
    fact_schema_set_off(schema, 1, 2, "arc");
    ck_assert_ptr_null(fact_schema_off(schema, 0));
    ck_assert_str_eq(fact_schema_off(schema, 1), "arc");
    ck_assert_ptr_null(fact_schema_off(schema, 2));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/facts", a_name_is_taken_once, header_facts_appear_when_asked_for_until_the_schema_is_sealed,
          the_schema_grows_beyond_its_first_room, a_scope_is_cleared_without_touching_the_others, every_type_has_a_text,
          a_typing_error_finds_the_name_that_was_meant, facts_of_a_filter_that_is_off_are_marked)
