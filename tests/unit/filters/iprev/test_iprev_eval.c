#include "filters/filter.h"
#include "filters/iprev/iprev_eval.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct net_addr client;
static struct iprev_verdict verdict;

static void evaluate(void *ctx, struct dns_view *view)
{
    iprev_evaluate(&client, view, arena, &verdict);
}

/* Returns the number of queries. */
static unsigned check(const char *ip, const struct zone_line *zone, enum iprev_result result, const char *name)
{
    struct dns_map *map = dns_map_new(arena, FILTER_SESSION_QUERIES);
    ck_assert(net_addr_parse_ip(slice_of(ip), &client));
    zone_replay(map, zone, arena, evaluate, NULL);
    ck_assert_msg(verdict.result == result, "%s", iprev_result_word(verdict.result));
    ck_slice_eq(verdict.name, name);
    return dns_map_wanted(map);
}

#define PTR_V4 "1.2.0.192.in-addr.arpa"
#define PTR_V6 "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"

START_TEST(the_reverse_name_is_that_of_the_rfcs)
{
    arena = arena_new();
    struct net_addr addr;
    net_addr_parse_ip(SLICE("192.0.2.1"), &addr);
    ck_slice_eq(iprev_reverse_name(&addr, arena), PTR_V4);
    net_addr_parse_ip(SLICE("2001:db8::1"), &addr);
    ck_slice_eq(iprev_reverse_name(&addr, arena), PTR_V6);
    ck_slice_eq(iprev_reverse_name(&(struct net_addr){.family = 0}, arena), "");
    arena_free(&arena);
}
END_TEST

START_TEST(a_name_that_leads_back_passes)
{
    static const struct zone_line zone[] = {
        {PTR_V4, DNS_TYPE_PTR, "Other.example"},           {PTR_V4, DNS_TYPE_PTR, "mail.example.com"},
        {"other.example", DNS_TYPE_A, "192.0.2.9"},        {"mail.example.com", DNS_TYPE_A, "192.0.2.8"},
        {"mail.example.com", DNS_TYPE_A, "192.0.2.1"},     {PTR_V6, DNS_TYPE_PTR, "six.example.com"},
        {"six.example.com", DNS_TYPE_AAAA, "2001:db8::1"}, {0}};
    arena = arena_new();
    check("192.0.2.1", zone, IPREV_IS_PASS, "mail.example.com");
    check("2001:db8::1", zone, IPREV_IS_PASS, "six.example.com");
    arena_free(&arena);
}
END_TEST

START_TEST(a_name_that_does_not_lead_back_fails)
{
    static const struct zone_line zone[] = {{PTR_V4, DNS_TYPE_PTR, "mail.google.example"},
                                            {"mail.google.example", DNS_TYPE_A, "198.51.100.1"},
                                            {PTR_V6, DNS_TYPE_PTR, "v4only.example.com"},
                                            {"v4only.example.com", DNS_TYPE_A, "192.0.2.1"},
                                            {0}};
    static const struct zone_line gone[] = {{PTR_V4, DNS_TYPE_PTR, "gone.example.com"}, {0}};
    arena = arena_new();
    check("192.0.2.1", zone, IPREV_IS_FAIL, "mail.google.example");
    check("2001:db8::1", zone, IPREV_IS_FAIL, "v4only.example.com");
    check("192.0.2.1", gone, IPREV_IS_FAIL, "gone.example.com");
    arena_free(&arena);
}
END_TEST

START_TEST(an_address_without_name_has_none)
{
    static const struct zone_line nothing[] = {{0}};
    static const struct zone_line nodata[] = {{PTR_V4, DNS_TYPE_PTR, "-"}, {0}};
    static const struct zone_line no_name[] = {{PTR_V4, DNS_TYPE_PTR, "localhost"}, {PTR_V4, DNS_TYPE_PTR, "a\\032b.example"}, {0}};
    arena = arena_new();
    check("192.0.2.1", nothing, IPREV_IS_NONE, "");
    check("192.0.2.1", nodata, IPREV_IS_NONE, "");
    check("192.0.2.1", no_name, IPREV_IS_FAIL, ""); /* there is one, but none that could be looked up */
    ck_assert_str_eq(iprev_method_result(IPREV_IS_NONE), "permerror");
    arena_free(&arena);
}
END_TEST

START_TEST(silence_is_no_failure)
{
    static const struct zone_line silent[] = {{PTR_V4, DNS_TYPE_PTR, "!"}, {0}};
    static const struct zone_line half[] = {{PTR_V4, DNS_TYPE_PTR, "a.example"},
                                            {PTR_V4, DNS_TYPE_PTR, "b.example"},
                                            {"a.example", DNS_TYPE_A, "!"},
                                            {"b.example", DNS_TYPE_A, "192.0.2.9"},
                                            {0}};
    static const struct zone_line enough[] = {{PTR_V4, DNS_TYPE_PTR, "a.example"},
                                              {PTR_V4, DNS_TYPE_PTR, "b.example"},
                                              {"a.example", DNS_TYPE_A, "!"},
                                              {"b.example", DNS_TYPE_A, "192.0.2.1"},
                                              {0}};
    arena = arena_new();
    check("192.0.2.1", silent, IPREV_IS_TEMPERROR, "");
    check("192.0.2.1", half, IPREV_IS_TEMPERROR, "a.example");
    check("192.0.2.1", enough, IPREV_IS_PASS, "b.example");
    arena_free(&arena);
}
END_TEST

START_TEST(a_hundred_names_cost_four_lookups)
{
    struct zone_line zone[102] = {{0}};
    arena = arena_new();
    for (size_t i = 0; i < 100; i++)
        zone[i] = (struct zone_line){PTR_V4, DNS_TYPE_PTR, arena_format(arena, "h%zu.example.com", i)};
    zone[100] = (struct zone_line){"h99.example.com", DNS_TYPE_A, "192.0.2.1"};
    ck_assert_uint_eq(check("192.0.2.1", zone, IPREV_IS_FAIL, "h0.example.com"), 1 + IPREV_NAMES_MAX);
    zone[100].name = "h3.example.com";
    check("192.0.2.1", zone, IPREV_IS_PASS, "h3.example.com");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/iprev/iprev_eval", the_reverse_name_is_that_of_the_rfcs, a_name_that_leads_back_passes,
          a_name_that_does_not_lead_back_fails, an_address_without_name_has_none, silence_is_no_failure, a_hundred_names_cost_four_lookups)
