#include "filters/spf/spf_run.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct spf_query query;
static struct dns_view view;
static struct spf_run run;

static void setup(void)
{
    arena = arena_new();
    view = (struct dns_view){.map = dns_map_new(arena, 100), .missed = 3};
    query = (struct spf_query){.local = SLICE("joe"), .domain = SLICE("example.com"), .helo = SLICE("mx.example.org")};
    ck_assert(net_addr_parse_ip(SLICE("192.0.2.1"), &query.client));
    run = (struct spf_run){.query = &query, .view = &view, .arena = arena, .missed_at_start = view.missed};
}

static void put(const char *name, enum dns_status status)
{
    static const struct dns_record record = {{"\xc0\0\2\1", 4}, 0};
    struct dns_answer answer = {.status = status, .count = status == DNS_OK, .records = &record};
    dns_map_put(view.map, slice_of(name), DNS_TYPE_A, &answer);
}

static enum spf_match ask(const char *name)
{
    const struct dns_answer *answer;
    return spf_run_ask_for_term(&run, slice_of(name), DNS_TYPE_A, &answer);
}

START_TEST(a_miss_opens_the_run)
{
    setup();
    ck_assert(!spf_run_is_open(&run));
    ck_assert_int_eq(ask("a.example.com"), SPF_OPEN);
    ck_assert(spf_run_is_open(&run));
    arena_free(&arena);
}
END_TEST

START_TEST(answers_match_fail_or_are_void)
{
    setup();
    put("ok.example.com", DNS_OK);
    put("none.example.com", DNS_NXDOMAIN);
    put("empty.example.com", DNS_NODATA);
    put("slow.example.com", DNS_FAILURE);
    ck_assert_int_eq(ask("ok.example.com"), SPF_MATCH);
    ck_assert_int_eq(ask("slow.example.com"), SPF_ENDED);
    ck_assert_int_eq(run.error, SPF_IS_TEMPERROR);
    ck_assert_int_eq(ask("none.example.com"), SPF_NO_MATCH);
    ck_assert_int_eq(ask("empty.example.com"), SPF_NO_MATCH);
    ck_assert_int_eq(ask("empty.example.com"), SPF_ENDED);
    ck_assert_int_eq(run.error, SPF_IS_PERMERROR);
    arena_free(&arena);
}
END_TEST

START_TEST(names_that_dns_does_not_allow_are_neither_asked_nor_void)
{
    setup();
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(ask("a..example.com"), SPF_NO_MATCH);
    ck_assert_uint_eq(dns_map_wanted(view.map), 0);
    ck_assert_int_eq(spf_run_ask(&run, SLICE(""), DNS_TYPE_A)->status, DNS_NXDOMAIN);
    arena_free(&arena);
}
END_TEST

START_TEST(the_eleventh_term_ends_the_run)
{
    setup();
    for (int i = 0; i < SPF_TERMS_MAX; i++)
        ck_assert(spf_run_count_term(&run));
    ck_assert(!spf_run_count_term(&run));
    ck_assert_int_eq(run.error, SPF_IS_PERMERROR);
    arena_free(&arena);
}
END_TEST

START_TEST(looking_ahead_ends_when_many_names_are_wanted)
{
    setup();
    for (int i = 0; i < SPF_AHEAD_NAMES; i++)
        dns_view_find(&view, slice_of(arena_format(arena, "n%d.example.com", i)), DNS_TYPE_A);
    run.missed_at_start = view.missed;
    ck_assert(spf_run_count_term(&run)); /* not open: this term is needed */
    ask("a.example.com");
    ck_assert(!spf_run_count_term(&run));
    arena_free(&arena);
}
END_TEST

START_TEST(a_target_is_open_while_the_p_macro_is)
{
    struct slice name;
    setup();
    ck_assert_int_eq(spf_run_target(&run, SLICE(""), SLICE("example.net"), &name), SPF_MATCH);
    ck_slice_eq(name, "example.net");
    ck_assert_int_eq(spf_run_target(&run, SLICE("%{l}.%{d}"), SLICE("example.net"), &name), SPF_MATCH);
    ck_slice_eq(name, "joe.example.net");
    ck_assert_int_eq(spf_run_target(&run, SLICE("%{p}"), SLICE("example.net"), &name), SPF_OPEN);
    query.local = SLICE("j\xc3\xb6");
    ck_assert_int_eq(spf_run_target(&run, SLICE("%{l}.%{d}"), SLICE("example.net"), &name), SPF_NO_MATCH);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/spf/spf_run", a_miss_opens_the_run, answers_match_fail_or_are_void,
          names_that_dns_does_not_allow_are_neither_asked_nor_void, the_eleventh_term_ends_the_run,
          looking_ahead_ends_when_many_names_are_wanted, a_target_is_open_while_the_p_macro_is)
