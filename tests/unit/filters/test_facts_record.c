#include "filters/facts_record.h"
#include "tests/unit/unit.h"

static const char *const words[] = {"pass", "fail", NULL};
static const struct fact_def defs[] = {
    {"text", FACT_TEXT, STAGE_CONNECT, FACT_SESSION, NULL, ""},     {"word", FACT_WORD, STAGE_CONNECT, FACT_SESSION, words, ""},
    {"number", FACT_NUMBER, STAGE_CONNECT, FACT_SESSION, NULL, ""}, {"address", FACT_ADDRESS, STAGE_CONNECT, FACT_SESSION, NULL, ""},
    {"domain", FACT_DOMAIN, STAGE_CONNECT, FACT_SESSION, NULL, ""}, {"mailbox", FACT_MAILBOX, STAGE_CONNECT, FACT_SESSION, NULL, ""},
    {"list", FACT_LIST, STAGE_CONNECT, FACT_SESSION, NULL, ""},
};

enum { TEXT, WORD, NUMBER, ADDRESS, DOMAIN, MAILBOX, LIST, COUNT };

static struct arena *arena;
static struct fact_schema *schema;
static struct facts facts, again;

static void open_facts(void)
{
    arena = arena_new();
    schema = fact_schema_new(arena);
    for (size_t i = 0; i < COUNT; i++)
        fact_schema_add(schema, &defs[i]);
    fact_schema_seal(schema);
    facts_init(&facts, schema, arena);
    facts_init(&again, schema, arena);
}

static const struct fact_value *carry(int id)
{
    bool cut;
    struct slice text = facts_to_record(&facts, id, arena, &cut);
    ck_assert(!cut);
    ck_assert(facts_from_record(&again, id, text, arena));
    ck_assert(facts_get(&again, id)->present);
    return facts_get(&again, id);
}

START_TEST(every_type_reads_back_as_it_was)
{
    const struct slice items[] = {SLICE("a.example"), SLICE("b,c"), SLICE("\\"), SLICE("")};
    struct net_addr addr;
    open_facts();
    ck_assert(net_addr_parse_ip(SLICE("2001:db8::1"), &addr));
    facts_set_text(&facts, TEXT, SLICE("any \x01\xff\"=text"));
    facts_set_text(&facts, WORD, SLICE("fail"));
    facts_set_number(&facts, NUMBER, INT64_MIN);
    facts_set_address(&facts, ADDRESS, &addr);
    facts_set_text(&facts, DOMAIN, SLICE("example.com"));
    facts_set_text(&facts, MAILBOX, SLICE(""));
    facts_set_list(&facts, LIST, items, 4);
    ck_slice_eq(carry(TEXT)->text, "any \x01\xff\"=text");
    ck_slice_eq(carry(WORD)->text, "fail");
    ck_assert(carry(NUMBER)->number == INT64_MIN);
    ck_assert_mem_eq(carry(ADDRESS)->addr.bytes, addr.bytes, sizeof addr.bytes);
    ck_slice_eq(carry(DOMAIN)->text, "example.com");
    ck_slice_eq(carry(MAILBOX)->text, "");
    const struct fact_value *list = carry(LIST);
    ck_assert_uint_eq(list->count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert(slice_eq(list->items[i], items[i]));
    arena_free(&arena);
}
END_TEST

START_TEST(an_empty_list_stays_one)
{
    open_facts();
    facts_set_list(&facts, LIST, NULL, 0);
    ck_assert_uint_eq(carry(LIST)->count, 0);
    arena_free(&arena);
}
END_TEST

START_TEST(numbers_of_every_size_read_back)
{
    static const int64_t numbers[] = {0, 1, -1, 1234567890123, INT64_MAX, INT64_MIN + 1};
    open_facts();
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        facts_set_number(&facts, NUMBER, numbers[i]);
        ck_assert(carry(NUMBER)->number == numbers[i]);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(what_a_type_cannot_be_is_not_set)
{
    static const struct {
        int id;
        const char *text;
    } bad[] = {{NUMBER, "12x"},
               {NUMBER, ""},
               {NUMBER, "9223372036854775808"},
               {NUMBER, "-9223372036854775809"},
               {NUMBER, "--1"},
               {ADDRESS, "1.2.3"},
               {WORD, "softfail"},
               {WORD, "PASS"}};
    open_facts();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!facts_from_record(&again, bad[i].id, slice_of(bad[i].text), arena), "%s", bad[i].text);
        ck_assert(!facts_get(&again, bad[i].id)->present);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(long_values_are_cut_and_say_so)
{
    static char long_text[FACT_RECORD_MAX + 1];
    struct slice items[400];
    bool cut;
    open_facts();
    memset(long_text, 'x', sizeof long_text);
    facts_set_text(&facts, TEXT, slice_make(long_text, FACT_RECORD_MAX));
    ck_assert_uint_eq(facts_to_record(&facts, TEXT, arena, &cut).len, FACT_RECORD_MAX);
    ck_assert(!cut);
    facts_set_text(&facts, TEXT, slice_make(long_text, FACT_RECORD_MAX + 1));
    ck_assert_uint_eq(facts_to_record(&facts, TEXT, arena, &cut).len, FACT_RECORD_MAX);
    ck_assert(cut);
    for (size_t i = 0; i < 400; i++)
        items[i] = SLICE("a.example");
    facts_set_list(&facts, LIST, items, 400);
    struct slice text = facts_to_record(&facts, LIST, arena, &cut);
    ck_assert(cut);
    ck_assert(facts_from_record(&again, LIST, text, arena));
    ck_assert_uint_eq(facts_get(&again, LIST)->count, 100);
    ck_slice_eq(facts_get(&again, LIST)->items[99], "a.example");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/facts_record", every_type_reads_back_as_it_was, an_empty_list_stays_one, numbers_of_every_size_read_back,
          what_a_type_cannot_be_is_not_set, long_values_are_cut_and_say_so)
