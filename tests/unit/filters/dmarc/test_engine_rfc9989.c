/* What the engine asks for, and when; its verdicts are proved by test_rfc9989_cases.c. */
#include "filters/dmarc/dmarc_eval.h"
#include "filters/filter.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

#define TXT DNS_TYPE_TXT

static struct arena *arena;
static struct dns_map *map;
static struct dmarc_query query;
static struct dmarc_verdict verdict;

static void eval(void *ctx, struct dns_view *view)
{
    dmarc_engine_rfc9989.evaluate(&query, view, arena, &verdict);
}

static void open_map(const char *from, unsigned budget)
{
    arena = arena_new();
    map = dns_map_new(arena, budget);
    query = (struct dmarc_query){.from_domain = slice_of(from), .spf_domain = SLICE(""), .spf_unknown = SLICE("")};
}

static bool was_asked(const char *name, enum dns_type type)
{
    for (const struct dns_map_entry *e = dns_map_entries(map); e; e = e->next)
        if (e->type == type && slice_eq(e->name, slice_of(name)))
            return true;
    return false;
}

START_TEST(everything_about_the_author_is_asked_for_in_one_round)
{
    static const struct zone_line zone[] = {{"_dmarc.example.com", TXT, "v=DMARC1; p=reject"}, {0}};
    open_map("a.b.example.com", 40);
    ck_assert_uint_eq(zone_replay(map, zone, arena, eval, NULL), 2);
    ck_assert_uint_eq(dns_map_wanted(map), 4);
    ck_assert_int_eq(verdict.result, DMARC_IS_FAIL);
    arena_free(&arena);
}
END_TEST

START_TEST(all_signing_domains_are_walked_in_one_round_and_share_what_is_known)
{
    static const struct zone_line zone[] = {{"_dmarc.example.com", TXT, "v=DMARC1; p=reject"},
                                            {"_dmarc.x.example.com", TXT, "v=DMARC1; p=none; psd=n"},
                                            {"_dmarc.y.example.com", TXT, "v=DMARC1; p=none; psd=n"},
                                            {0}};
    static const struct slice domains[] = {{"a.x.example.com", 15}, {"b.y.example.com", 15}};
    open_map("example.com", 40);
    query.dkim_domains = domains;
    query.dkim_count = 2;
    ck_assert_uint_eq(zone_replay(map, zone, arena, eval, NULL), 3);
    ck_assert_uint_eq(dns_map_wanted(map), 2 + 4);
    ck_assert_int_eq(verdict.result, DMARC_IS_FAIL);
    arena_free(&arena);
}
END_TEST

START_TEST(a_strangers_domains_cost_no_query)
{
    static const struct zone_line zone[] = {{"_dmarc.example.com", TXT, "v=DMARC1; p=reject"}, {0}};
    static const struct slice domains[] = {{"attacker.com", 12}, {"a.b.c.d.attacker.net", 20}, {"com", 3}};
    open_map("example.com", 40);
    query.dkim_domains = query.dkim_unknown = domains;
    query.dkim_count = query.dkim_unknown_count = 3;
    query.spf_domain = query.spf_unknown = domains[1];
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert_uint_eq(dns_map_wanted(map), 2);
    ck_assert_int_eq(verdict.result, DMARC_IS_FAIL);
    arena_free(&arena);
}
END_TEST

START_TEST(neither_the_same_domain_nor_strict_alignment_needs_a_walk)
{
    static const struct zone_line zone[] = {{"_dmarc.example.com", TXT, "v=DMARC1; p=reject; adkim=s"}, {0}};
    static const struct slice domains[] = {{"a.b.example.com", 15}};
    open_map("example.com", 40);
    query.spf_domain = SLICE("example.com");
    query.dkim_domains = domains;
    query.dkim_count = 1;
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert_uint_eq(dns_map_wanted(map), 2);
    ck_assert_int_eq(verdict.result, DMARC_IS_PASS);
    arena_free(&arena);
}
END_TEST

START_TEST(existence_is_asked_for_only_where_it_matters)
{
    static const struct zone_line zone[] = {{"_dmarc.example.com", TXT, "v=DMARC1; p=none; np=reject"},
                                            {"_dmarc.example.net", TXT, "v=DMARC1; p=none; sp=reject; np=reject"},
                                            {"_dmarc.here.example.com", TXT, "text"},
                                            {0}};
    open_map("a.example.com", 40);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert(was_asked("a.example.com", DNS_TYPE_A));
    ck_assert_int_eq(verdict.tag, DMARC_TAG_NP);
    arena_free(&arena);
    open_map("a.example.net", 40);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert(!was_asked("a.example.net", DNS_TYPE_A));
    arena_free(&arena);
    open_map("here.example.com", 40);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert(!was_asked("here.example.com", DNS_TYPE_A));
    ck_assert_int_eq(verdict.tag, DMARC_TAG_SP);
    arena_free(&arena);
    open_map("example.com", 40);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert(!was_asked("example.com", DNS_TYPE_A));
    arena_free(&arena);
}
END_TEST

/* A hostile SPF record must not buy its sender a temporary error. */
START_TEST(the_authors_policy_is_found_when_the_budget_is_used_up)
{
    static const struct zone_line zone[] = {{"_dmarc.example.com", TXT, "v=DMARC1; p=none; np=reject"}, {0}};
    open_map("a.b.c.d.e.f.g.h.example.com", 40);
    struct dns_view other = {.map = map, .reserve = FILTER_RESERVE_DKIM};
    for (unsigned i = 0; i < 100; i++)
        dns_view_find(&other, slice_of(arena_format(arena, "%u.attacker.net", i)), DNS_TYPE_A);
    ck_assert_uint_eq(dns_map_wanted(map), 40 - FILTER_RESERVE_DKIM);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert_uint_eq(dns_map_wanted(map), 40);
    ck_assert_int_eq(verdict.result, DMARC_IS_FAIL);
    ck_assert_int_eq(verdict.policy, DMARC_POLICY_IS_REJECT);
    arena_free(&arena);
}
END_TEST

START_TEST(without_an_author_there_is_no_verdict)
{
    static const struct zone_line zone[] = {{0}};
    open_map("", 40);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert_int_eq(verdict.result, DMARC_IS_NONE);
    ck_assert_uint_eq(dns_map_wanted(map), 0);
    arena_free(&arena);
}
END_TEST

START_TEST(reasons_are_told)
{
    static const struct zone_line zone[] = {{"_dmarc.two.com", TXT, "v=DMARC1; p=reject"},
                                            {"_dmarc.two.com", TXT, "v=DMARC1; p=none"},
                                            {"_dmarc.bad.com", TXT, "v=DMARC1; p=x"},
                                            {"_dmarc.slow.com", TXT, "!"},
                                            {0}};
    static const struct {
        const char *from, *reason;
    } rows[] = {
        {"two.com", "several records"}, {"bad.com", "record is malformed"}, {"slow.com", "record could not be looked up"}, {"no.com", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_map(rows[i].from, 40);
        zone_replay(map, zone, arena, eval, NULL);
        ck_assert_str_eq(verdict.reason, rows[i].reason);
        ck_assert_uint_eq(verdict.record_domain.len, 0);
        arena_free(&arena);
    }
}
END_TEST

UNIT_MAIN("filters/dmarc/engine_rfc9989", everything_about_the_author_is_asked_for_in_one_round,
          all_signing_domains_are_walked_in_one_round_and_share_what_is_known, a_strangers_domains_cost_no_query,
          neither_the_same_domain_nor_strict_alignment_needs_a_walk, existence_is_asked_for_only_where_it_matters,
          the_authors_policy_is_found_when_the_budget_is_used_up, without_an_author_there_is_no_verdict, reasons_are_told)
