/* When a transaction cannot be decided. */
#include "proxy/session/tx.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct tx *tx;

static void open_tx(void)
{
    struct smtp_command mail = {.params = {.size = -1}};
    arena = arena_new();
    tx = tx_new(arena, &mail, 40);
}

START_TEST(a_failed_filter_defers_only_if_there_is_one)
{
    const char *error;
    open_tx();
    ck_assert_int_eq(tx_undecidable(tx, NULL, arena, &error).code, 0);
    struct tx_refusal r = tx_undecidable(tx, "spf", arena, &error);
    ck_assert_int_eq(r.code, 451);
    ck_assert_ptr_nonnull(strstr(r.text, "spf"));
    ck_assert_str_eq(error, "filter failed");
    arena_free(&arena);
}
END_TEST

START_TEST(a_lookup_refused_by_our_own_load_defers_and_a_broken_domain_does_not)
{
    const char *error;
    struct dns_answer broken = {.status = DNS_FAILURE, .why = "SERVFAIL"}, refused = {.status = DNS_FAILURE, .refused = true};
    open_tx();
    dns_map_put(tx->answers, SLICE("broken.example"), DNS_TYPE_TXT, &broken);
    ck_assert_int_eq(tx_undecidable(tx, NULL, arena, &error).code, 0);
    dns_map_put(tx->answers, SLICE("_dmarc.bank.example"), DNS_TYPE_TXT, &refused);
    struct tx_refusal r = tx_undecidable(tx, NULL, arena, &error);
    ck_assert_int_eq(r.code, 451);
    ck_assert_str_eq(r.enhanced, "4.3.2");
    ck_assert_str_eq(error, "lookups refused");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/tx_envelope", a_failed_filter_defers_only_if_there_is_one,
          a_lookup_refused_by_our_own_load_defers_and_a_broken_domain_does_not)
