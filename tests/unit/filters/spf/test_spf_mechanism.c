#include "filters/spf/spf_mechanism.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct spf_query query;
static struct spf_run run;

struct trial {
    const struct spf_term *term;
    enum spf_match match;
};

static void eval(void *ctx, struct dns_view *view)
{
    struct trial *trial = ctx;
    run = (struct spf_run){.query = &query, .view = view, .arena = arena, .missed_at_start = view->missed};
    trial->match = spf_mechanism_match(&run, trial->term, SLICE("example.com"));
}

/* One mechanism of example.com, for a client. */
static enum spf_match match(const struct zone_line *zone, const char *mechanism, const char *client)
{
    struct spf_record record;
    struct trial trial;
    arena = arena_new();
    query = (struct spf_query){.local = SLICE("joe"), .domain = SLICE("example.com"), .helo = SLICE("mx.example.org")};
    ck_assert(net_addr_parse_ip(slice_of(client), &query.client));
    ck_assert_ptr_null(spf_record_parse(slice_of(arena_format(arena, "v=spf1 %s", mechanism)), arena, &record));
    trial.term = record.terms;
    zone_replay(dns_map_new(arena, 100), zone, arena, eval, &trial);
    arena_free(&arena);
    return trial.match;
}

static const struct zone_line zone[] = {
    {"example.com", DNS_TYPE_A, "192.0.2.10"},
    {"example.com", DNS_TYPE_A, "192.0.2.11"},
    {"example.com", DNS_TYPE_MX, "10 slow.example.com"},
    {"example.com", DNS_TYPE_MX, "20 mail.example.com"},
    {"slow.example.com", DNS_TYPE_A, "!"},
    {"mail.example.com", DNS_TYPE_A, "192.0.2.20"},
    {"1.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "slow.example.com"},
    {"1.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "elsewhere.example.net"},
    {"1.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "notexample.com"},
    {"1.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "www.example.com"},
    {"notexample.com", DNS_TYPE_A, "192.0.2.1"},
    {"www.example.com", DNS_TYPE_A, "192.0.2.1"},
    {"2.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "www.example.com"},
    {"3.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "!"},
    {"v4.example.com", DNS_TYPE_A, "127.0.0.2"},
    {0},
};

START_TEST(prefixes_are_compared_bit_by_bit)
{
    ck_assert_int_eq(match(zone, "ip4:192.0.2.128/25", "192.0.2.255"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "ip4:192.0.2.128/25", "192.0.2.127"), SPF_NO_MATCH);
    ck_assert_int_eq(match(zone, "ip4:192.0.2.128/0", "10.0.0.1"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "ip6:2001:db8::/127", "2001:db8::1"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "ip6:2001:db8::/127", "2001:db8::2"), SPF_NO_MATCH);
    ck_assert_int_eq(match(zone, "ip6:2001:db8::/0", "192.0.2.1"), SPF_NO_MATCH);
    ck_assert_int_eq(match(zone, "a/31", "192.0.2.11"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "a/31", "192.0.2.12"), SPF_NO_MATCH);
    ck_assert_int_eq(match(zone, "a/0", "203.0.113.1"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "a:v4.example.com/0//0", "2001:db8::1"), SPF_NO_MATCH);
}
END_TEST

START_TEST(one_address_decides_although_another_host_failed)
{
    ck_assert_int_eq(match(zone, "mx", "192.0.2.20"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "mx", "192.0.2.21"), SPF_ENDED);
    ck_assert_int_eq(run.error, SPF_IS_TEMPERROR);
}
END_TEST

START_TEST(a_name_of_the_client_must_lead_back_and_be_below_the_target)
{
    ck_assert_int_eq(match(zone, "ptr", "192.0.2.1"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "ptr", "192.0.2.2"), SPF_NO_MATCH);
    ck_assert_int_eq(match(zone, "ptr:www.example.com", "192.0.2.1"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "ptr:example.net", "192.0.2.1"), SPF_NO_MATCH);
}
END_TEST

START_TEST(a_failure_with_ptr_is_no_match)
{
    ck_assert_int_eq(match(zone, "ptr", "192.0.2.3"), SPF_NO_MATCH);
}
END_TEST

START_TEST(exists_looks_for_an_a_record_whatever_the_client)
{
    ck_assert_int_eq(match(zone, "exists:v4.example.com", "2001:db8::1"), SPF_MATCH);
    ck_assert_int_eq(match(zone, "exists:v5.example.com", "192.0.2.1"), SPF_NO_MATCH);
}
END_TEST

UNIT_MAIN("filters/spf/spf_mechanism", prefixes_are_compared_bit_by_bit, one_address_decides_although_another_host_failed,
          a_name_of_the_client_must_lead_back_and_be_below_the_target, a_failure_with_ptr_is_no_match,
          exists_looks_for_an_a_record_whatever_the_client)
