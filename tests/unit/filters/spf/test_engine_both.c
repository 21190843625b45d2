#include "filters/spf/spf_eval.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct spf_query query;
static struct spf_verdict verdict;

static void eval(void *ctx, struct dns_view *view)
{
    spf_engine_both.evaluate(&query, view, arena, &verdict);
}

static void check(const struct zone_line *zone, const char *client)
{
    arena = arena_new();
    query = (struct spf_query){.helo = SLICE("mx.example.org"), .local = SLICE("joe"), .domain = SLICE("example.com")};
    ck_assert(net_addr_parse_ip(slice_of(client), &query.client));
    zone_replay(dns_map_new(arena, 40), zone, arena, eval, NULL);
    arena_free(&arena);
}

static const struct zone_line zone[] = {
    {"example.com", DNS_TYPE_TXT, "v=spf1 a:h.example.com -all"}, {"h.example.com", DNS_TYPE_A, "192.0.2.1"}, {0}};

START_TEST(both_are_run_and_agree)
{
    check(zone, "192.0.2.1");
    ck_assert_int_eq(verdict.result, SPF_IS_PASS);
    ck_assert(verdict.compared);
    ck_assert_int_eq(verdict.second, SPF_IS_PASS);
}
END_TEST

/* libspf2 never checks loopback clients. */
START_TEST(strict_gives_the_verdict_where_they_differ)
{
    check(zone, "127.0.0.1");
    ck_assert_int_eq(verdict.result, SPF_IS_FAIL);
    ck_assert(verdict.compared);
    ck_assert_int_eq(verdict.second, SPF_IS_NONE);
}
END_TEST

START_TEST(the_table_of_engines_fits_its_words)
{
    for (int i = 0; spf_engine_words[i]; i++)
        ck_assert_str_eq(spf_engine_at(i)->name, spf_engine_words[i]);
    ck_assert_str_eq(spf_engine_words[0], "strict");
}
END_TEST

UNIT_MAIN("filters/spf/engine_both", both_are_run_and_agree, strict_gives_the_verdict_where_they_differ,
          the_table_of_engines_fits_its_words)
