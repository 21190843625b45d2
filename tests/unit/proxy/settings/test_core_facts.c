#include "proxy/settings/core_facts.h"
#include "tests/unit/unit.h"

START_TEST(every_core_fact_has_its_own_id)
{
    struct arena *arena = arena_new();
    struct fact_schema *schema = fact_schema_new(arena);
    struct core_facts ids;
    core_facts_add(schema, &ids);
    int all[sizeof ids / sizeof(int)];
    memcpy(all, &ids, sizeof ids);
    ck_assert_uint_eq(fact_schema_count(schema), sizeof all / sizeof all[0]);
    bool seen[sizeof all / sizeof all[0]] = {false};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ck_assert_int_ge(all[i], 0);
        ck_assert_int_lt(all[i], (int)(sizeof all / sizeof all[0]));
        ck_assert_msg(!seen[all[i]], "fact %d has two fields", all[i]);
        seen[all[i]] = true;
    }
    arena_free(&arena);
}
END_TEST

START_TEST(facts_are_known_when_the_client_has_said_them)
{
    struct arena *arena = arena_new();
    struct fact_schema *schema = fact_schema_new(arena);
    struct core_facts ids;
    core_facts_add(schema, &ids);
    const struct fact_def *client = fact_schema_def(schema, ids.client_ip), *from = fact_schema_def(schema, ids.mail_from),
                          *rcpt = fact_schema_def(schema, ids.rcpt_domain), *size = fact_schema_def(schema, ids.size);
    ck_assert_str_eq(client->name, "client.ip");
    ck_assert_int_eq(client->type, FACT_ADDRESS);
    ck_assert_int_eq(client->since, STAGE_CONNECT);
    ck_assert_int_eq(client->scope, FACT_SESSION);
    ck_assert_str_eq(from->name, "mail_from");
    ck_assert_int_eq(from->since, STAGE_MAIL);
    ck_assert_int_eq(from->scope, FACT_TRANSACTION);
    ck_assert_str_eq(rcpt->name, "rcpt.domain");
    ck_assert_int_eq(rcpt->since, STAGE_RCPT);
    ck_assert_int_eq(rcpt->scope, FACT_RECIPIENT);
    ck_assert_str_eq(size->name, "size");
    ck_assert_int_eq(size->since, STAGE_DATA);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/core_facts", every_core_fact_has_its_own_id, facts_are_known_when_the_client_has_said_them)
