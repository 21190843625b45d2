#include "base/buf.h"
#include "filters/spf/spf_eval.h"
#include "filters/spf/spf_run.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

#define TXT DNS_TYPE_TXT
#define A   DNS_TYPE_A
#define MX  DNS_TYPE_MX
#define PTR DNS_TYPE_PTR

static struct arena *arena;
static struct dns_map *map;
static struct spf_query query;
static struct spf_verdict verdict;

static void eval(void *ctx, struct dns_view *view)
{
    spf_engine_strict.evaluate(&query, view, arena, &verdict);
}

static void prepare(const char *client, unsigned budget)
{
    query = (struct spf_query){.helo = SLICE("mx.example.org"), .local = SLICE("joe"), .domain = SLICE("example.com")};
    ck_assert(net_addr_parse_ip(slice_of(client), &query.client));
    arena = arena_new();
    map = dns_map_new(arena, budget);
}

/* Checks joe@example.com coming from client; returns the number of runs. */
static unsigned check(const struct zone_line *zone, const char *client)
{
    prepare(client, 2000);
    return zone_replay(map, zone, arena, eval, NULL);
}

static void expect(const struct zone_line *zone, const char *client, enum spf_result result)
{
    check(zone, client);
    ck_assert_msg(verdict.result == result, "%.200s: %s (%s), expected %s", zone[0].data, spf_result_word(verdict.result), verdict.reason,
                  spf_result_word(result));
    arena_free(&arena);
}

static void expect_record(const char *record, const char *client, enum spf_result result)
{
    const struct zone_line zone[] = {
        {"example.com", TXT, record},
        {"example.com", A, "192.0.2.10"},
        {"example.com", DNS_TYPE_AAAA, "2001:db8::10"},
        {"example.com", MX, "10 mail.example.com"},
        {"example.com", MX, "20 slow.example.com"},
        {"mail.example.com", A, "192.0.2.20"},
        {"pass.example.com", TXT, "v=spf1 +all"},
        {"fail.example.com", TXT, "v=spf1 -all"},
        {"soft.example.com", TXT, "v=spf1 ~all"},
        {"broken.example.com", TXT, "v=spf1 bogus:"},
        {"slow.example.com", TXT, "!"},
        {"slow.example.com", A, "!"},
        {"twice.example.com", TXT, "v=spf1 -all"},
        {"twice.example.com", TXT, "v=spf1 +all"},
        {"nullmx.example.com", MX, "0 "},
        {"1.2.0.192.in-addr.arpa", PTR, "www.example.com"},
        {"www.example.com", A, "192.0.2.1"},
        {"joe.192.0.2.1.in-addr.example.com", A, "127.0.0.2"},
        {"com", TXT, "v=spf1 +all"},
        {0},
    };
    expect(zone, client, result);
}

START_TEST(mechanisms_match_as_section_5_says)
{
    expect_record("v=spf1", "192.0.2.1", SPF_IS_NEUTRAL);
    expect_record("v=spf1 -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 ~all", "192.0.2.1", SPF_IS_SOFTFAIL);
    expect_record("v=spf1 ?all", "192.0.2.1", SPF_IS_NEUTRAL);
    expect_record("v=spf1 ip4:192.0.2.0/31 -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 ip4:192.0.2.0/31 -all", "192.0.2.2", SPF_IS_FAIL);
    expect_record("v=spf1 ip4:10.0.0.0/0 -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 ip4:10.0.0.0/0 -all", "2001:db8::1", SPF_IS_FAIL);
    expect_record("v=spf1 ip6:2001:db8::/33 -all", "2001:db8:7fff::1", SPF_IS_PASS);
    expect_record("v=spf1 ip6:2001:db8::/33 -all", "2001:db8:8000::1", SPF_IS_FAIL);
    expect_record("v=spf1 ip6:::ffff:192.0.2.1 -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 ip4:192.0.2.1 -all", "::ffff:192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 a -all", "192.0.2.10", SPF_IS_PASS);
    expect_record("v=spf1 a -all", "2001:db8::10", SPF_IS_PASS);
    expect_record("v=spf1 a/24//64 -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 a/24//64 -all", "2001:db8::1", SPF_IS_PASS);
    expect_record("v=spf1 a//64 -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 mx -all", "192.0.2.20", SPF_IS_PASS);
    expect_record("v=spf1 ptr -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 ptr:example.org -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 exists:%{l}.%{i}.%{v}.%{d} -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("V=SPF1 EXISTS:%{L}.%{I}.%{V}.%{D} -ALL", "192.0.2.1", SPF_IS_PASS);
}
END_TEST

START_TEST(include_follows_the_table_of_section_5_2)
{
    expect_record("v=spf1 include:pass.example.com -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 -include:pass.example.com +all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 include:fail.example.com ~all", "192.0.2.1", SPF_IS_SOFTFAIL);
    expect_record("v=spf1 include:soft.example.com ?all", "192.0.2.1", SPF_IS_NEUTRAL);
    expect_record("v=spf1 include:none.example.com +all", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 include:broken.example.com +all", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 include:twice.example.com +all", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 include:slow.example.com +all", "192.0.2.1", SPF_IS_TEMPERROR);
    expect_record("v=spf1 include:%{d1} +all", "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(redirect_is_evaluated_last_wherever_it_stands)
{
    expect_record("v=spf1 redirect=soft.example.com", "192.0.2.1", SPF_IS_SOFTFAIL);
    expect_record("v=spf1 redirect=fail.example.com ip4:192.0.2.1", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 redirect=fail.example.com ?all", "192.0.2.1", SPF_IS_NEUTRAL);
    expect_record("v=spf1 redirect=none.example.com", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 redirect=slow.example.com", "192.0.2.1", SPF_IS_TEMPERROR);
    expect_record("v=spf1 redirect=example.com", "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(errors_are_errors_and_never_fail)
{
    expect_record("!", "192.0.2.1", SPF_IS_TEMPERROR);
    expect_record("google-site=1", "192.0.2.1", SPF_IS_NONE);
    expect_record("v=spf1 a:slow.example.com +all", "192.0.2.1", SPF_IS_TEMPERROR);
    expect_record("v=spf1 exists:slow.example.com +all", "192.0.2.1", SPF_IS_TEMPERROR);
    expect_record("v=spf1 mx -all", "192.0.2.99", SPF_IS_TEMPERROR);
    expect_record("v=spf1 +all bogus:", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 +all \xc3\xa4", "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(a_null_mx_names_no_host)
{
    expect_record("v=spf1 mx:nullmx.example.com ~all", "192.0.2.1", SPF_IS_SOFTFAIL);
}
END_TEST

START_TEST(a_loopback_client_is_a_client_like_any_other)
{
    expect_record("v=spf1 ip4:192.0.2.0/24 -all", "127.0.0.1", SPF_IS_FAIL);
}
END_TEST

START_TEST(the_mechanism_that_matched_is_told)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 mx ~Include:%{d2}.other.example -all"}, {"example.com.other.example", TXT, "v=spf1 +all"}, {0}};
    check(zone, "192.0.2.1");
    ck_slice_eq(verdict.mechanism, "~Include:%{d2}.other.example");
    arena_free(&arena);
    static const struct zone_line neutral[] = {{"example.com", TXT, "v=spf1"}, {0}};
    check(neutral, "192.0.2.1");
    ck_slice_eq(verdict.mechanism, "");
    arena_free(&arena);
}
END_TEST

START_TEST(an_identity_without_domain_is_none)
{
    prepare("192.0.2.1", 40);
    query.domain = SLICE("");
    struct dns_view view = {.map = map};
    eval(NULL, &view);
    ck_assert_int_eq(verdict.result, SPF_IS_NONE);
    ck_assert_uint_eq(view.missed, 0);
    arena_free(&arena);
}
END_TEST

/* ---- limits (§4.6.4) ---- */

START_TEST(ten_terms_are_allowed_and_eleven_are_not)
{
    struct zone_line zone[] = {{"example.com", TXT,
                                "v=spf1 a:h.example.com a:h.example.com a:h.example.com a:h.example.com a:h.example.com "
                                "a:h.example.com a:h.example.com a:h.example.com a:h.example.com a:h.example.com -all"},
                               {"h.example.com", A, "198.51.100.1"},
                               {"i.example.com", TXT, "v=spf1 a:h.example.com a:h.example.com -all"},
                               {0}};
    expect(zone, "192.0.2.1", SPF_IS_FAIL);
    zone[0].data = "v=spf1 a:h.example.com a:h.example.com a:h.example.com a:h.example.com a:h.example.com "
                   "include:i.example.com a:h.example.com a:h.example.com a:h.example.com -all";
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
    zone[0].data = "v=spf1 a:h.example.com a:h.example.com a:h.example.com a:h.example.com a:h.example.com "
                   "a:h.example.com a:h.example.com a:h.example.com a:h.example.com a:h.example.com redirect=i.example.com";
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(a_third_void_lookup_is_an_error)
{
    struct zone_line zone[] = {{"example.com", TXT, "v=spf1 a:v1.example.com exists:v2.example.com ip4:192.0.2.1 -all"}, {0}};
    expect(zone, "192.0.2.1", SPF_IS_PASS);
    zone[0].data = "v=spf1 a:v1.example.com exists:v2.example.com mx:v3.example.com ip4:192.0.2.1 -all";
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
    zone[0].data = "v=spf1 a:v1.example.com exists:v2.example.com ptr ip4:192.0.2.1 -all";
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
    zone[0].data = "v=spf1 a:v1.example.com exists:v2.example.com exists:a..example.com ip4:192.0.2.1 -all";
    expect(zone, "192.0.2.1", SPF_IS_PASS);
}
END_TEST

START_TEST(an_mx_may_have_ten_names_and_they_are_no_terms)
{
    struct zone_line zone[32] = {
        {"example.com", TXT, "v=spf1 -mx -mx:b.example.com a:b.example.com ip4:192.0.2.1 -all"}, {"b.example.com", A, "198.51.100.2"}, {0}};
    static char names[20][32];
    for (int i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "10 m%d.example.com", i);
        zone[2 + i] = (struct zone_line){i < 10 ? "example.com" : "b.example.com", MX, names[i]};
    }
    expect(zone, "192.0.2.1", SPF_IS_PASS);
    zone[22] = (struct zone_line){"example.com", MX, "10 m11.example.com"};
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(names_of_the_client_after_the_tenth_are_ignored)
{
    struct zone_line zone[16] = {{"example.com", TXT, "v=spf1 ptr -all"}, {"www.example.com", A, "192.0.2.1"}, {0}};
    static char names[9][32];
    for (int i = 0; i < 9; i++) {
        snprintf(names[i], sizeof names[i], "n%d.example.net", i);
        zone[2 + i] = (struct zone_line){"1.2.0.192.in-addr.arpa", PTR, names[i]};
    }
    zone[11] = (struct zone_line){"1.2.0.192.in-addr.arpa", PTR, "www.example.com"};
    expect(zone, "192.0.2.1", SPF_IS_PASS);
    zone[12] = zone[11];
    zone[11].data = "n9.example.net";
    expect(zone, "192.0.2.1", SPF_IS_FAIL);
}
END_TEST

/* Every domain includes ten others: a tree of 1,110 names, if only each level is counted. */
START_TEST(an_include_bomb_stops_after_10_terms)
{
    struct arena *names = arena_new();
    enum { LEVELS = 111 };
    struct zone_line *zone = arena_alloc(names, (LEVELS + 1) * sizeof *zone);
    for (int i = 0; i < LEVELS; i++) {
        struct buf text = {0};
        buf_add_text(&text, "v=spf1");
        for (int k = 0; k < 10; k++)
            buf_add_format(&text, " include:n%d.example.com", i * 10 + k + 1);
        buf_add_text(&text, " -all");
        zone[i] =
            (struct zone_line){i ? arena_format(names, "n%d.example.com", i) : "example.com", TXT, arena_string(names, buf_slice(&text))};
        buf_release(&text);
    }
    check(zone, "192.0.2.1");
    ck_assert_int_eq(verdict.result, SPF_IS_PERMERROR);
    ck_assert_uint_le(dns_map_wanted(map), SPF_AHEAD_NAMES + SPF_TERMS_MAX);
    arena_free(&arena);
    arena_free(&names);
}
END_TEST

START_TEST(records_that_include_each_other_end)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 include:b.example.com -all"}, {"b.example.com", TXT, "v=spf1 include:example.com -all"}, {0}};
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(an_exhausted_budget_is_a_temporary_error)
{
    static const struct zone_line zone[] = {{"example.com", TXT, "v=spf1 a:x.example.com -all"}, {0}};
    prepare("192.0.2.1", 1);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert_int_eq(verdict.result, SPF_IS_TEMPERROR);
    arena_free(&arena);
}
END_TEST

/* ---- looking ahead ---- */

static const struct zone_line typical[] = {
    {"example.com", TXT, "v=spf1 include:a.example include:b.example mx a:web.example.com ip4:203.0.113.0/24 -all"},
    {"a.example", TXT, "v=spf1 include:a1.example include:a2.example -all"},
    {"a1.example", TXT, "v=spf1 ip4:198.51.100.0/25 -all"},
    {"a2.example", TXT, "v=spf1 a:out.a.example -all"},
    {"out.a.example", A, "198.51.100.200"},
    {"b.example", TXT, "v=spf1 ip4:198.51.100.128/25 ~all"},
    {"example.com", MX, "10 mail.example.com"},
    {"mail.example.com", A, "192.0.2.20"},
    {"web.example.com", A, "192.0.2.1"},
    {0},
};

START_TEST(independent_names_are_asked_for_together)
{
    ck_assert_uint_eq(check(typical, "192.0.2.1"), 5); /* four rounds of DNS, for eight lookups that stand in a row */
    ck_assert_int_eq(verdict.result, SPF_IS_PASS);
    ck_slice_eq(verdict.mechanism, "a:web.example.com");
    arena_free(&arena);
}
END_TEST

START_TEST(terms_that_cannot_be_reached_are_not_asked_for)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 a:one.example.com ip4:192.0.2.1 a:two.example.com include:three.example.com"},
        {"one.example.com", A, "198.51.100.1"},
        {0},
    };
    check(zone, "192.0.2.1");
    ck_assert_int_eq(verdict.result, SPF_IS_PASS);
    ck_assert_uint_eq(dns_map_wanted(map), 2);
    arena_free(&arena);
}
END_TEST

START_TEST(looking_ahead_ends_at_the_tenth_term)
{
    struct buf text = {0};
    buf_add_text(&text, "v=spf1");
    for (int i = 0; i < 30; i++)
        buf_add_format(&text, " exists:n%d.example.com", i);
    const struct zone_line zone[] = {{"example.com", TXT, text.ptr}, {"n0.example.com", A, "127.0.0.2"}, {0}};
    check(zone, "192.0.2.1");
    ck_assert_int_eq(verdict.result, SPF_IS_PASS);
    ck_assert_uint_eq(dns_map_wanted(map), 1 + SPF_TERMS_MAX);
    arena_free(&arena);
    buf_release(&text);
}
END_TEST

START_TEST(no_looking_ahead_once_the_message_has_asked_for_many_names)
{
    prepare("192.0.2.1", 2000);
    struct dns_view view = {.map = map};
    for (int i = 0; i < SPF_AHEAD_NAMES; i++)
        dns_view_find(&view, slice_of(arena_format(arena, "key%d.example.org", i)), TXT);
    unsigned runs = zone_replay(map, typical, arena, eval, NULL);
    ck_assert_int_eq(verdict.result, SPF_IS_PASS);
    ck_assert_uint_eq(runs, 10);
    ck_assert_uint_eq(dns_map_wanted(map), SPF_AHEAD_NAMES + 9);
    arena_free(&arena);
}
END_TEST

START_TEST(a_name_is_not_asked_for_while_its_macros_are_not_known)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 exists:%{p}.ok.example.com -all"},
        {"1.2.0.192.in-addr.arpa", PTR, "www.example.com"},
        {"www.example.com", A, "192.0.2.1"},
        {"www.example.com.ok.example.com", A, "127.0.0.2"},
        {0},
    };
    check(zone, "192.0.2.1");
    ck_assert_int_eq(verdict.result, SPF_IS_PASS);
    ck_assert_uint_eq(dns_map_wanted(map), 4);
    arena_free(&arena);
}
END_TEST

/* ---- hostile records ---- */

START_TEST(a_record_of_8192_bytes_is_evaluated_to_its_end)
{
    struct buf text = {0};
    buf_add_text(&text, "v=spf1");
    for (int i = 0; i < 450; i++)
        buf_add_format(&text, " ip4:10.%03d.0.0/32", 100 + i % 100);
    buf_add_text(&text, " ip4:192.0.2.1 -all");
    ck_assert_uint_gt(text.len, 8000);
    expect_record(text.ptr, "192.0.2.1", SPF_IS_PASS);
    expect_record(text.ptr, "192.0.2.2", SPF_IS_FAIL);
    for (int i = 0; i < 20; i++)
        buf_add_text(&text, " ip4:10.0.0.0/24");
    expect_record(text.ptr, "192.0.2.1", SPF_IS_PERMERROR);
    buf_release(&text);
}
END_TEST

START_TEST(an_expansion_without_end_keeps_its_end)
{
    struct buf text = {0};
    buf_add_text(&text, "v=spf1 exists:");
    for (int i = 0; i < 1500; i++)
        buf_add_text(&text, "%{l}.");
    buf_add_text(&text, "ok.example.com -all");
    const struct zone_line zone[] = {{"example.com", TXT, text.ptr}, {0}};
    check(zone, "192.0.2.1");
    ck_assert_int_eq(verdict.result, SPF_IS_FAIL);
    const struct dns_map_entry *second = dns_map_entries(map)->next;
    ck_assert_uint_le(second->name.len, 253);
    ck_assert(slice_ends_nocase(second->name, SLICE(".joe.joe.ok.example.com")));
    arena_free(&arena);
    buf_release(&text);
}
END_TEST

UNIT_MAIN("filters/spf/engine_strict", mechanisms_match_as_section_5_says, include_follows_the_table_of_section_5_2,
          redirect_is_evaluated_last_wherever_it_stands, errors_are_errors_and_never_fail, a_null_mx_names_no_host,
          a_loopback_client_is_a_client_like_any_other, the_mechanism_that_matched_is_told, an_identity_without_domain_is_none,
          ten_terms_are_allowed_and_eleven_are_not, a_third_void_lookup_is_an_error, an_mx_may_have_ten_names_and_they_are_no_terms,
          names_of_the_client_after_the_tenth_are_ignored, an_include_bomb_stops_after_10_terms, records_that_include_each_other_end,
          an_exhausted_budget_is_a_temporary_error, independent_names_are_asked_for_together,
          terms_that_cannot_be_reached_are_not_asked_for, looking_ahead_ends_at_the_tenth_term,
          no_looking_ahead_once_the_message_has_asked_for_many_names, a_name_is_not_asked_for_while_its_macros_are_not_known,
          a_record_of_8192_bytes_is_evaluated_to_its_end, an_expansion_without_end_keeps_its_end)
