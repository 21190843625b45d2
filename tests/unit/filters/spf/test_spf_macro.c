#include "filters/spf/spf_macro.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct spf_query query;
static struct dns_view view;

/* The examples of RFC 7208 §7.4. */
static void setup(const char *client)
{
    arena = arena_new();
    view = (struct dns_view){.map = dns_map_new(arena, 40)};
    query = (struct spf_query){.helo = SLICE("mx.example.org"), .local = SLICE("strong-bad"), .domain = SLICE("email.example.com")};
    ck_assert(net_addr_parse_ip(slice_of(client), &query.client));
}

static void expand(const char *spec, const char *expected)
{
    struct slice out;
    ck_assert_msg(spf_macro_is_domain_spec(slice_of(arena_format(arena, "%s.example.com", spec))), "%s", spec);
    ck_assert(spf_macro_expand(slice_of(spec), &query, SLICE("email.example.com"), &view, arena, &out));
    ck_slice_eq(out, expected);
}

START_TEST(the_examples_of_the_rfc_hold)
{
    setup("192.0.2.3");
    expand("%{s}", "strong-bad@email.example.com");
    expand("%{o}", "email.example.com");
    expand("%{d4}", "email.example.com");
    expand("%{d2}", "example.com");
    expand("%{d1}", "com");
    expand("%{dr}", "com.example.email");
    expand("%{d2r}", "example.email");
    expand("%{l-}", "strong.bad");
    expand("%{lr-}", "bad.strong");
    expand("%{l1r-}", "strong");
    expand("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com");
    expand("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com");
    expand("%{h}", "mx.example.org");
    arena_free(&arena);
}
END_TEST

START_TEST(ipv6_addresses_are_nibbles)
{
    setup("2001:db8::cb01");
    expand("%{ir}.%{v}._spf.%{d2}", "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
    arena_free(&arena);
}
END_TEST

START_TEST(capitals_escape_and_percent_stands_for_itself)
{
    setup("192.0.2.3");
    query.local = SLICE("a+b/c");
    expand("%{L}%%%_%-x", "a%2Bb%2Fc% %20x");
    arena_free(&arena);
}
END_TEST

START_TEST(long_names_lose_labels_from_the_left)
{
    setup("192.0.2.3");
    char *local = arena_alloc(arena, 301);
    for (size_t i = 0; i < 300; i++)
        local[i] = i % 50 == 49 ? '.' : 'a';
    query.local = slice_make(local, 300);
    struct slice out;
    ck_assert(spf_macro_expand(SLICE("%{l}.example.com"), &query, query.domain, &view, arena, &out));
    ck_assert_uint_le(out.len, 253);
    ck_assert(slice_ends_nocase(out, SLICE(".example.com")));
    arena_free(&arena);
}
END_TEST

START_TEST(a_local_part_beyond_ascii_matches_nothing)
{
    setup("192.0.2.3");
    query.local = SLICE("j\xc3\xb6");
    struct slice out;
    ck_assert(!spf_macro_expand(SLICE("%{l}.example.com"), &query, query.domain, &view, arena, &out));
    ck_assert(spf_macro_expand(SLICE("%{o}.example.com"), &query, query.domain, &view, arena, &out));
    arena_free(&arena);
}
END_TEST

START_TEST(an_explanation_may_have_blanks_and_more_letters)
{
    setup("2001:db8::cb01");
    struct slice out;
    query.receiver = SLICE("mx.here.example");
    query.now = 5;
    ck_assert(spf_macro_explain(SLICE("%{c} at %{r} on %{t}."), &query, query.domain, &view, arena, &out));
    ck_slice_eq(out, "2001:db8::cb01 at mx.here.example on 5.");
    query.receiver = SLICE("");
    ck_assert(spf_macro_explain(SLICE("%{r}"), &query, query.domain, &view, arena, &out));
    ck_slice_eq(out, "unknown");
    ck_assert(!spf_macro_explain(SLICE("a\tb"), &query, query.domain, &view, arena, &out));
    ck_assert(!spf_macro_explain(SLICE("%{}"), &query, query.domain, &view, arena, &out));
    arena_free(&arena);
}
END_TEST

static void expand_p(void *ctx, struct dns_view *v)
{
    struct slice *out = ctx;
    spf_macro_expand(SLICE("%{p}"), &query, SLICE("example.com"), v, arena, out);
}

START_TEST(the_p_macro_prefers_the_domain_itself)
{
    setup("192.0.2.3");
    static const struct zone_line zone[] = {
        {"3.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "liar.example.com"},
        {"3.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "other.example.net"},
        {"3.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "www.example.com"},
        {"liar.example.com", DNS_TYPE_A, "192.0.2.99"},
        {"other.example.net", DNS_TYPE_A, "192.0.2.3"},
        {"www.example.com", DNS_TYPE_A, "192.0.2.3"},
        {0},
    };
    struct slice out;
    zone_replay(view.map, zone, arena, expand_p, &out);
    ck_slice_eq(out, "www.example.com");
    arena_free(&arena);
}
END_TEST

START_TEST(the_p_macro_of_a_nameless_client_is_unknown)
{
    setup("192.0.2.3");
    static const struct zone_line zone[] = {{0}};
    struct slice out;
    zone_replay(view.map, zone, arena, expand_p, &out);
    ck_slice_eq(out, "unknown");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/spf/spf_macro", the_examples_of_the_rfc_hold, ipv6_addresses_are_nibbles, capitals_escape_and_percent_stands_for_itself,
          long_names_lose_labels_from_the_left, a_local_part_beyond_ascii_matches_nothing, the_p_macro_prefers_the_domain_itself,
          the_p_macro_of_a_nameless_client_is_unknown, an_explanation_may_have_blanks_and_more_letters)
