#include "filters/dmarc/dmarc_eval.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

#define TXT DNS_TYPE_TXT

static struct arena *arena;
static struct dns_map *map;
static struct dmarc_query query;
static struct dmarc_verdict verdict;
static struct slice dkim_domain, dkim_unknown;

static const struct zone_line zone[] = {
    {"_dmarc.example.com", TXT, "v=DMARC1; p=reject; sp=quarantine"},
    {"_dmarc.own.example.com", TXT, "v=DMARC1; p=none"},
    {"_dmarc.strict.com", TXT, "v=DMARC1; p=reject; adkim=s; aspf=s"},
    {"_dmarc.x.com", TXT, "v=DMARC1; p=reject"},
    {"_dmarc.twice.com", TXT, "v=DMARC1; p=reject"},
    {"_dmarc.twice.com", TXT, "v=DMARC1; p=none"},
    {"_dmarc.broken.com", TXT, "v=DMARC1; p=rej"},
    {"_dmarc.slow.com", TXT, "!"},
    {"_dmarc.example.co.uk", TXT, "v=DMARC1; p=reject"},
    {"_dmarc.co.uk", TXT, "v=DMARC1; p=none"},
    {"_dmarc.spf.com", TXT, "v=spf1 -all"},
    {0},
};

static void eval(void *ctx, struct dns_view *view)
{
    dmarc_engine_libopendmarc.evaluate(&query, view, arena, &verdict);
}

/* Nothing speaks for the author unless spf or dkim (a domain that passed) is given. */
static void check(const char *from, const char *spf, const char *dkim)
{
    arena = arena_new();
    map = dns_map_new(arena, 10);
    dkim_domain = slice_of(dkim);
    query.from_domain = slice_of(from);
    query.spf_domain = slice_of(spf);
    query.dkim_domains = &dkim_domain;
    query.dkim_count = dkim ? 1 : 0;
    zone_replay(map, zone, arena, eval, NULL);
}

static void expect(const char *from, const char *spf, const char *dkim, enum dmarc_result result)
{
    query = (struct dmarc_query){.spf_unknown = SLICE("")};
    check(from, spf, dkim);
    ck_assert_msg(verdict.result == result, "From %s, SPF %s, DKIM %s: %s (%s)", from, spf ? spf : "-", dkim ? dkim : "-",
                  dmarc_result_word(verdict.result), verdict.reason);
    arena_free(&arena);
}

START_TEST(an_aligned_pass_is_a_pass)
{
    expect("example.com", "example.com", NULL, DMARC_IS_PASS);
    expect("example.com", NULL, "example.com", DMARC_IS_PASS);
    expect("example.com", "bounces.example.com", NULL, DMARC_IS_PASS);
    expect("news.example.com", NULL, "example.com", DMARC_IS_PASS);
    expect("a.example.com", NULL, "b.example.com", DMARC_IS_PASS);
    expect("example.com", "example.net", "example.com", DMARC_IS_PASS);
}
END_TEST

START_TEST(without_alignment_it_fails)
{
    expect("example.com", NULL, NULL, DMARC_IS_FAIL);
    expect("example.com", "example.net", NULL, DMARC_IS_FAIL);
    expect("example.com", NULL, "badexample.com", DMARC_IS_FAIL);
    expect("example.com", NULL, "example.com.evil.net", DMARC_IS_FAIL);
    expect("example.com", "com", "com", DMARC_IS_FAIL);
    expect("example.co.uk", "other.co.uk", "co.uk", DMARC_IS_FAIL);
}
END_TEST

/* libopendmarc drops labels of one letter, so that x.com equals com. */
START_TEST(a_one_letter_label_does_not_align_with_the_whole_top_level_domain)
{
    expect("x.com", "attacker.com", "attacker.com", DMARC_IS_FAIL);
    expect("x.com", "x.com", NULL, DMARC_IS_PASS);
    expect("a.x.com", NULL, "x.com", DMARC_IS_PASS);
    expect("example.com", "e.com", "x.com", DMARC_IS_FAIL);
    expect("example.com", NULL, "x.example.com", DMARC_IS_PASS);
}
END_TEST

/* libopendmarc lets strict alignment pass subdomains. */
START_TEST(strict_alignment_passes_no_subdomain)
{
    expect("strict.com", "mail.strict.com", "mail.strict.com", DMARC_IS_FAIL);
    expect("mail.strict.com", "strict.com", "strict.com", DMARC_IS_FAIL);
    expect("strict.com", NULL, "strict.com", DMARC_IS_PASS);
}
END_TEST

START_TEST(what_is_aligned_is_told)
{
    query = (struct dmarc_query){.spf_unknown = SLICE("")};
    check("example.com", "example.com", "example.net");
    ck_assert(verdict.spf_aligned);
    ck_assert(!verdict.dkim_aligned);
    ck_assert_int_eq(verdict.policy, DMARC_POLICY_IS_REJECT);
    ck_slice_eq(verdict.record_domain, "example.com");
    arena_free(&arena);
}
END_TEST

START_TEST(subdomains_get_sp_unless_they_have_a_record)
{
    query = (struct dmarc_query){.spf_unknown = SLICE("")};
    check("news.example.com", NULL, NULL);
    ck_assert_int_eq(verdict.result, DMARC_IS_FAIL);
    ck_assert_int_eq(verdict.policy, DMARC_POLICY_IS_QUARANTINE);
    ck_slice_eq(verdict.record_domain, "example.com");
    arena_free(&arena);
    check("own.example.com", NULL, NULL);
    ck_assert_int_eq(verdict.policy, DMARC_POLICY_IS_NONE);
    ck_slice_eq(verdict.record_domain, "own.example.com");
    arena_free(&arena);
    check("a.example.co.uk", NULL, NULL);
    ck_assert_int_eq(verdict.policy, DMARC_POLICY_IS_REJECT);
    ck_slice_eq(verdict.record_domain, "example.co.uk");
    arena_free(&arena);
}
END_TEST

START_TEST(no_record_is_none_and_no_policy)
{
    query = (struct dmarc_query){.spf_unknown = SLICE("")};
    check("nothing.org", "nothing.org", NULL);
    ck_assert_int_eq(verdict.result, DMARC_IS_NONE);
    ck_assert_uint_eq(verdict.record_domain.len, 0);
    arena_free(&arena);
    expect("spf.com", "spf.com", NULL, DMARC_IS_NONE);
}
END_TEST

START_TEST(several_records_are_all_discarded)
{
    expect("twice.com", "twice.com", NULL, DMARC_IS_NONE);
}
END_TEST

/* libopendmarc goes on with half a record after a syntax error. */
START_TEST(a_broken_record_enforces_nothing)
{
    query = (struct dmarc_query){.spf_unknown = SLICE("")};
    check("broken.com", NULL, NULL);
    ck_assert_int_eq(verdict.result, DMARC_IS_PERMERROR);
    ck_assert_uint_eq(verdict.record_domain.len, 0);
    arena_free(&arena);
}
END_TEST

START_TEST(what_could_not_be_looked_up_is_no_failure)
{
    expect("slow.com", NULL, NULL, DMARC_IS_TEMPERROR);
    query = (struct dmarc_query){.spf_unknown = SLICE("example.com")};
    check("example.com", NULL, NULL);
    ck_assert_int_eq(verdict.result, DMARC_IS_TEMPERROR);
    arena_free(&arena);
    dkim_unknown = SLICE("example.com");
    query = (struct dmarc_query){.dkim_unknown = &dkim_unknown, .dkim_unknown_count = 1, .spf_unknown = SLICE("")};
    check("example.com", NULL, NULL);
    ck_assert_int_eq(verdict.result, DMARC_IS_TEMPERROR);
    arena_free(&arena);
}
END_TEST

/* Else a forger could dodge p=reject with a signature of a domain whose name servers never answer. */
START_TEST(a_temporary_error_of_a_foreign_domain_excuses_nothing)
{
    dkim_unknown = SLICE("attacker.net");
    query = (struct dmarc_query){.dkim_unknown = &dkim_unknown, .dkim_unknown_count = 1, .spf_unknown = SLICE("attacker.net")};
    check("example.com", NULL, NULL);
    ck_assert_int_eq(verdict.result, DMARC_IS_FAIL);
    arena_free(&arena);
}
END_TEST

START_TEST(both_names_are_asked_for_at_once)
{
    query = (struct dmarc_query){.from_domain = SLICE("a.b.example.com"), .spf_unknown = SLICE("")};
    arena = arena_new();
    map = dns_map_new(arena, 10);
    ck_assert_uint_eq(zone_replay(map, zone, arena, eval, NULL), 2);
    ck_assert_uint_eq(dns_map_wanted(map), 2);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/dmarc/engine_libopendmarc", an_aligned_pass_is_a_pass, without_alignment_it_fails,
          a_one_letter_label_does_not_align_with_the_whole_top_level_domain, strict_alignment_passes_no_subdomain, what_is_aligned_is_told,
          subdomains_get_sp_unless_they_have_a_record, no_record_is_none_and_no_policy, several_records_are_all_discarded,
          a_broken_record_enforces_nothing, what_could_not_be_looked_up_is_no_failure,
          a_temporary_error_of_a_foreign_domain_excuses_nothing, both_names_are_asked_for_at_once)
