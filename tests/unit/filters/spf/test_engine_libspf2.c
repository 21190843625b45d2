#include "base/buf.h"
#include "filters/spf/spf_eval.h"
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
    spf_engine_libspf2.evaluate(&query, view, arena, &verdict);
}

/* Checks a sender at example.com coming from client. */
static unsigned check(const struct zone_line *zone, const char *client)
{
    query = (struct spf_query){.helo = SLICE("mx.example.org"), .local = SLICE("joe"), .domain = SLICE("example.com")};
    ck_assert(net_addr_parse_ip(slice_of(client), &query.client));
    arena = arena_new();
    map = dns_map_new(arena, 2000);
    return zone_replay(map, zone, arena, eval, NULL);
}

static void expect(const struct zone_line *zone, const char *client, enum spf_result result)
{
    check(zone, client);
    ck_assert_msg(verdict.result == result, "%s: %s (%s), expected %s", zone[0].data, spf_result_word(verdict.result), verdict.reason,
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
        {"mail.example.com", A, "192.0.2.20"},
        {"pass.example.com", TXT, "v=spf1 +all"},
        {"fail.example.com", TXT, "v=spf1 -all"},
        {"soft.example.com", TXT, "v=spf1 ~all"},
        {"broken.example.com", TXT, "v=spf1 bogus:"},
        {"slow.example.com", TXT, "!"},
        {"slow.example.com", A, "!"},
        {"twice.example.com", TXT, "v=spf1 -all"},
        {"twice.example.com", TXT, "v=spf1 +all"},
        {"1.2.0.192.in-addr.arpa", PTR, "www.example.com"},
        {"www.example.com", A, "192.0.2.1"},
        {"joe.192.0.2.1.in-addr.example.com", A, "127.0.0.2"},
        {0},
    };
    expect(zone, client, result);
}

START_TEST(mechanisms_match_as_the_rfc_says)
{
    expect_record("v=spf1 -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 ~all", "192.0.2.1", SPF_IS_SOFTFAIL);
    expect_record("v=spf1 ?all", "192.0.2.1", SPF_IS_NEUTRAL);
    expect_record("v=spf1", "192.0.2.1", SPF_IS_NEUTRAL);
    expect_record("v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 ip4:192.0.2.0/31 -all", "192.0.2.2", SPF_IS_FAIL);
    expect_record("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", SPF_IS_PASS);
    expect_record("v=spf1 ip6:2001:db8::/32 -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 ip4:192.0.2.0/24 -all", "2001:db8::1", SPF_IS_FAIL);
    expect_record("v=spf1 ip6:::ffff:192.0.2.1 -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 a -all", "192.0.2.10", SPF_IS_PASS);
    expect_record("v=spf1 a -all", "2001:db8::10", SPF_IS_PASS);
    expect_record("v=spf1 a/24//64 -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 a/24//64 -all", "2001:db8::1", SPF_IS_PASS);
    expect_record("v=spf1 a//64 -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 mx -all", "192.0.2.20", SPF_IS_PASS);
    expect_record("v=spf1 ptr -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 ptr:example.org -all", "192.0.2.1", SPF_IS_FAIL);
    expect_record("v=spf1 exists:%{l}.%{i}.%{v}.%{d} -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 include:pass.example.com -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 include:fail.example.com ~all", "192.0.2.1", SPF_IS_SOFTFAIL);
    expect_record("v=spf1 redirect=soft.example.com", "192.0.2.1", SPF_IS_SOFTFAIL);
}
END_TEST

START_TEST(errors_are_errors_and_never_fail)
{
    expect_record("v=spf1 include:none.example.com +all", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 redirect=none.example.com", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 include:broken.example.com +all", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 include:twice.example.com +all", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("v=spf1 include:slow.example.com +all", "192.0.2.1", SPF_IS_TEMPERROR);
    expect_record("v=spf1 a:slow.example.com +all", "192.0.2.1", SPF_IS_TEMPERROR);
    expect_record("v=spf1 +all bogus:", "192.0.2.1", SPF_IS_PERMERROR);
    expect_record("google-site=1", "192.0.2.1", SPF_IS_NONE);
    expect_record("!", "192.0.2.1", SPF_IS_TEMPERROR);
}
END_TEST

START_TEST(redirect_is_evaluated_last_wherever_it_stands)
{
    expect_record("v=spf1 redirect=fail.example.com ip4:192.0.2.1", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 redirect=fail.example.com ?all", "192.0.2.1", SPF_IS_NEUTRAL);
}
END_TEST

START_TEST(a_prefix_of_zero_matches_everyone)
{
    expect_record("v=spf1 ip4:10.0.0.0/0 -all", "192.0.2.1", SPF_IS_PASS);
    expect_record("v=spf1 ip4:10.0.0.0/0 -all", "2001:db8::1", SPF_IS_FAIL);
    expect_record("v=spf1 ip6:::/0 -all", "2001:db8::1", SPF_IS_PASS);
    expect_record("v=spf1 a/0 -all", "203.0.113.1", SPF_IS_PASS);
    expect_record("v=spf1 mx/0 -all", "203.0.113.1", SPF_IS_PASS);
    expect_record("v=spf1 mx//0 -all", "2001:db8::1", SPF_IS_FAIL);
}
END_TEST

START_TEST(loopback_clients_do_not_pass)
{
    expect_record("v=spf1 -all", "127.0.0.1", SPF_IS_NONE);
    expect_record("v=spf1 -all", "::1", SPF_IS_NONE);
}
END_TEST

START_TEST(an_identity_without_domain_is_none)
{
    static const struct zone_line zone[] = {{0}};
    check(zone, "192.0.2.1");
    query.domain = SLICE("");
    struct dns_view view = {.map = map};
    eval(NULL, &view);
    ck_assert_int_eq(verdict.result, SPF_IS_NONE);
    ck_assert_uint_eq(view.missed, 0);
    arena_free(&arena);
}
END_TEST

/* The library drops what does not fit into 511 compiled bytes, -all and the one matching term included. */
START_TEST(a_record_of_more_than_511_compiled_bytes_is_evaluated_to_its_end)
{
    struct buf text = {0};
    buf_add_text(&text, "v=spf1");
    for (int i = 0; i < 100; i++)
        buf_add_format(&text, " ip4:10.0.%d.0/24", i);
    buf_add_text(&text, " ip4:192.0.2.1 -all");
    expect_record(text.ptr, "192.0.2.1", SPF_IS_PASS);
    expect_record(text.ptr, "10.0.99.7", SPF_IS_PASS);
    expect_record(text.ptr, "192.0.2.2", SPF_IS_FAIL);
    buf_clear(&text);
    buf_add_text(&text, "v=spf1");
    for (int i = 0; i < 45; i++)
        buf_add_format(&text, " ip6:2001:db8:aaaa:bbbb:cccc:dddd:eeee:%x", i);
    buf_add_text(&text, " redirect=soft.example.com");
    expect_record(text.ptr, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:2c", SPF_IS_PASS);
    expect_record(text.ptr, "2001:db8::1", SPF_IS_SOFTFAIL);
    buf_release(&text);
}
END_TEST

START_TEST(an_endless_exists_does_not_abort)
{
    struct buf text = {0};
    buf_add_text(&text, "v=spf1 exists:");
    for (int i = 0; i < 4400; i++)
        buf_add_byte(&text, 'a');
    buf_add_text(&text, ".example.com -all");
    expect_record(text.ptr, "192.0.2.1", SPF_IS_PERMERROR);
    buf_clear(&text);
    buf_add_text(&text, "v=spf1 exists:");
    for (int i = 0; i < 480; i++)
        buf_add_text(&text, "%{l}");
    buf_add_text(&text, ".nothing.example.com -all");
    expect_record(text.ptr, "192.0.2.1", SPF_IS_FAIL);
    buf_release(&text);
}
END_TEST

START_TEST(an_explanation_full_of_macros_is_never_evaluated)
{
    struct buf text = {0};
    for (int i = 0; i < 500; i++)
        buf_add_text(&text, "%{l}");
    const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 exp=explain.example.com -all"}, {"explain.example.com", TXT, text.ptr}, {0}};
    check(zone, "192.0.2.1");
    ck_assert_int_eq(verdict.result, SPF_IS_FAIL);
    ck_assert_uint_eq(dns_map_wanted(map), 1);
    arena_free(&arena);
    buf_release(&text);
}
END_TEST

START_TEST(a_local_part_of_high_bytes_does_not_overflow_url_escapes)
{
    static const struct zone_line zone[] = {{"example.com", TXT, "v=spf1 exists:%{L}.%{S}.example.com -all"}, {0}};
    query = (struct spf_query){.local = SLICE("\xff\xff\xff\xff\xff\xff\xff\xff"), .domain = SLICE("example.com"), .helo = SLICE("\xff")};
    ck_assert(net_addr_parse_ip(SLICE("192.0.2.1"), &query.client));
    arena = arena_new();
    map = dns_map_new(arena, 40);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert_int_eq(verdict.result, SPF_IS_FAIL);
    arena_free(&arena);
}
END_TEST

/* Every domain includes ten others: a tree of 1,110 names, if only each level is counted. */
START_TEST(an_include_bomb_of_1120_queries_stops_after_10_terms)
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
    ck_assert_uint_le(dns_map_wanted(map), 11);
    arena_free(&arena);
    arena_free(&names);
}
END_TEST

START_TEST(ten_terms_are_allowed_and_eleven_are_not)
{
    struct zone_line zone[14] = {{"example.com", TXT,
                                  "v=spf1 a:h.example.com a:h.example.com a:h.example.com a:h.example.com a:h.example.com "
                                  "a:h.example.com a:h.example.com a:h.example.com a:h.example.com a:h.example.com -all"},
                                 {"h.example.com", A, "198.51.100.1"},
                                 {0}};
    expect(zone, "192.0.2.1", SPF_IS_FAIL);
    zone[0].data = "v=spf1 a:h.example.com a:h.example.com a:h.example.com a:h.example.com a:h.example.com "
                   "include:i.example.com a:h.example.com a:h.example.com a:h.example.com -all";
    zone[2] = (struct zone_line){"i.example.com", TXT, "v=spf1 a:h.example.com a:h.example.com -all"};
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(hosts_of_an_mx_are_not_terms)
{
    struct zone_line zone[32] = {
        {"example.com", TXT, "v=spf1 -mx -mx:b.example.com a:b.example.com ip4:192.0.2.1 -all"}, {"b.example.com", A, "198.51.100.2"}, {0}};
    static char names[20][32], hosts[20][32];
    for (int i = 0; i < 20; i++) {
        snprintf(hosts[i], sizeof hosts[i], "m%d.example.com", i);
        snprintf(names[i], sizeof names[i], "10 m%d.example.com", i);
        zone[2 + i] = (struct zone_line){i < 10 ? "example.com" : "b.example.com", MX, names[i]};
    }
    zone[22] = (struct zone_line){hosts[0], A, "198.51.100.3"};
    expect(zone, "192.0.2.1", SPF_IS_PASS);
    zone[23] = (struct zone_line){"example.com", MX, "10 m11.example.com"};
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(a_third_void_lookup_is_an_error)
{
    static const struct zone_line two[] = {{"example.com", TXT, "v=spf1 a:v1.example.com exists:v2.example.com ip4:192.0.2.1 -all"}, {0}};
    expect(two, "192.0.2.1", SPF_IS_PASS);
    static const struct zone_line three[] = {
        {"example.com", TXT, "v=spf1 a:v1.example.com exists:v2.example.com mx:v3.example.com ip4:192.0.2.1 -all"}, {0}};
    expect(three, "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(records_that_include_each_other_end)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 include:b.example.com -all"}, {"b.example.com", TXT, "v=spf1 include:example.com -all"}, {0}};
    expect(zone, "192.0.2.1", SPF_IS_PERMERROR);
}
END_TEST

START_TEST(hosts_of_one_mx_are_asked_for_together)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 mx -all"},  {"example.com", MX, "10 a.example.com"},
        {"example.com", MX, "10 b.example.com"}, {"example.com", MX, "10 c.example.com"},
        {"a.example.com", A, "198.51.100.1"},    {"b.example.com", A, "198.51.100.2"},
        {"c.example.com", A, "192.0.2.1"},       {0},
    };
    ck_assert_uint_eq(check(zone, "192.0.2.1"), 4);
    ck_assert_int_eq(verdict.result, SPF_IS_PASS);
    arena_free(&arena);
}
END_TEST

START_TEST(names_that_dns_does_not_allow_are_never_asked)
{
    static const struct zone_line zone[] = {{"example.com", TXT, "v=spf1 exists:%{l}..example.com exists:%_%_.example.com -all"}, {0}};
    check(zone, "192.0.2.1");
    ck_assert_int_eq(verdict.result, SPF_IS_FAIL);
    ck_assert_uint_eq(dns_map_wanted(map), 2);
    arena_free(&arena);
}
END_TEST

START_TEST(an_exhausted_budget_is_a_temporary_error)
{
    static const struct zone_line zone[] = {{"example.com", TXT, "v=spf1 a:x.example.com -all"}, {0}};
    query = (struct spf_query){.local = SLICE("joe"), .domain = SLICE("example.com")};
    ck_assert(net_addr_parse_ip(SLICE("192.0.2.1"), &query.client));
    arena = arena_new();
    map = dns_map_new(arena, 1);
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert_int_eq(verdict.result, SPF_IS_TEMPERROR);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/spf/engine_libspf2", mechanisms_match_as_the_rfc_says, errors_are_errors_and_never_fail,
          redirect_is_evaluated_last_wherever_it_stands, a_prefix_of_zero_matches_everyone, loopback_clients_do_not_pass,
          an_identity_without_domain_is_none, a_record_of_more_than_511_compiled_bytes_is_evaluated_to_its_end,
          an_endless_exists_does_not_abort, an_explanation_full_of_macros_is_never_evaluated,
          a_local_part_of_high_bytes_does_not_overflow_url_escapes, an_include_bomb_of_1120_queries_stops_after_10_terms,
          ten_terms_are_allowed_and_eleven_are_not, hosts_of_an_mx_are_not_terms, a_third_void_lookup_is_an_error,
          records_that_include_each_other_end, hosts_of_one_mx_are_asked_for_together, names_that_dns_does_not_allow_are_never_asked,
          an_exhausted_budget_is_a_temporary_error)
