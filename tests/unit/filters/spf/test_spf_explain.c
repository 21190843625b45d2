#include "filters/spf/spf_eval.h"
#include "filters/spf/spf_macro.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

#define TXT DNS_TYPE_TXT

static struct arena *arena;
static struct dns_map *map;
static struct spf_query query;
static struct spf_verdict verdict;

static void eval(void *ctx, struct dns_view *view)
{
    spf_engine_strict.evaluate(&query, view, arena, &verdict);
}

static void prepare(void)
{
    query = (struct spf_query){.helo = SLICE("mx.example.org"),
                               .local = SLICE("joe"),
                               .domain = SLICE("example.com"),
                               .explain = true,
                               .receiver = SLICE("mx.here.example"),
                               .now = 1700000000};
    ck_assert(net_addr_parse_ip(SLICE("192.0.2.1"), &query.client));
    arena = arena_new();
    map = dns_map_new(arena, 40);
}

static void expect(const struct zone_line *zone, const char *explanation)
{
    zone_replay(map, zone, arena, eval, NULL);
    ck_slice_eq(verdict.explanation, explanation);
    arena_free(&arena);
}

static void expect_text(const char *text, const char *explanation)
{
    const struct zone_line zone[] = {{"example.com", TXT, "v=spf1 exp=why.%{d} -all"}, {"why.example.com", TXT, text}, {0}};
    prepare();
    expect(zone, explanation);
}

START_TEST(the_text_of_the_domain_is_expanded)
{
    expect_text("%{i} is not one of %{d}'s mail servers.", "192.0.2.1 is not one of example.com's mail servers.");
    expect_text("%{c} %{r} %{t}", "192.0.2.1 mx.here.example 1700000000");
    expect_text("http://why.example/?l=%{L}%_%%%-", "http://why.example/?l=joe %%20");
}
END_TEST

START_TEST(a_text_that_is_malformed_is_none)
{
    expect_text("The %{x}-files.", "");
    expect_text("100%", "");
    expect_text("\xef\xbb\xbfwhy", "");
    expect_text("two\r\nlines", "");
    expect_text("-", ""); /* no data */
    expect_text("!", "");
}
END_TEST

START_TEST(several_texts_are_none)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 exp=why.example.com -all"}, {"why.example.com", TXT, "one"}, {"why.example.com", TXT, "two"}, {0}};
    prepare();
    expect(zone, "");
}
END_TEST

START_TEST(what_macros_bring_in_becomes_one_printable_line)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 exp=why.example.com -all"}, {"why.example.com", TXT, "%{h}."}, {0}};
    prepare();
    query.helo = SLICE("a\r\n250 b\x1b\xc3");
    expect(zone, "a??250 b??.");
}
END_TEST

START_TEST(a_text_is_cut)
{
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const struct zone_line zone[] = {{"example.com", TXT, "v=spf1 exp=why.example.com -all"}, {"why.example.com", TXT, text}, {0}};
    prepare();
    zone_replay(map, zone, arena, eval, NULL);
    ck_assert_uint_eq(verdict.explanation.len, SPF_EXPLANATION_MAX);
    arena_free(&arena);
}
END_TEST

START_TEST(it_comes_from_the_record_that_failed)
{
    static const struct zone_line zone[] = {
        {"example.com", TXT, "v=spf1 include:b.example exp=one.example redirect=c.example"},
        {"b.example", TXT, "v=spf1 -all exp=two.example"},
        {"c.example", TXT, "v=spf1 -all exp=three.example"},
        {"one.example", TXT, "one"},
        {"two.example", TXT, "two"},
        {"three.example", TXT, "three"},
        {0},
    };
    prepare();
    expect(zone, "three");
}
END_TEST

START_TEST(nothing_is_fetched_unless_asked_for_and_failed)
{
    static const struct zone_line fail[] = {{"example.com", TXT, "v=spf1 exp=why.example.com -all"}, {"why.example.com", TXT, "why"}, {0}};
    prepare();
    query.explain = false;
    zone_replay(map, fail, arena, eval, NULL);
    ck_assert_uint_eq(dns_map_wanted(map), 1);
    expect(fail, "");
    static const struct zone_line soft[] = {{"example.com", TXT, "v=spf1 exp=why.example.com ~all"}, {"why.example.com", TXT, "why"}, {0}};
    prepare();
    zone_replay(map, soft, arena, eval, NULL);
    ck_assert_uint_eq(dns_map_wanted(map), 1);
    expect(soft, "");
}
END_TEST

UNIT_MAIN("filters/spf/spf_explain", the_text_of_the_domain_is_expanded, a_text_that_is_malformed_is_none, several_texts_are_none,
          what_macros_bring_in_becomes_one_printable_line, a_text_is_cut, it_comes_from_the_record_that_failed,
          nothing_is_fetched_unless_asked_for_and_failed)
