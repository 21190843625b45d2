/* Proves filters/spf/spf_trace.c as the strict engine fills it. A trace is compared as one text: "(outcome term steps...)" for a term,
 * "[type name answer steps...]" for a lookup. */
#include "base/buf.h"
#include "filters/spf/spf_trace.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct spf_trace trace;
static struct spf_query query;
static struct spf_verdict verdict;
static unsigned runs;

static void eval(void *ctx, struct dns_view *view)
{
    spf_engine_strict.evaluate(&query, view, arena, &verdict);
}

static void put_answer(struct buf *out, const struct dns_answer *answer)
{
    if (!answer)
        buf_add_text(out, "unasked");
    else if (answer->status == DNS_OK)
        buf_add_format(out, "%zu", answer->count);
    else
        buf_add_text(out, dns_status_name(answer->status));
}

static void put_steps(struct buf *out, const struct spf_trace_step *step)
{
    static const char *const outcomes[] = {"followed", "no", "yes", "error"};
    for (; step; step = step->next) {
        bool lookup = step->kind == SPF_STEP_LOOKUP;
        buf_add_format(out, "%s%s%s %.*s", out->len ? " " : "", lookup ? "[" : "(",
                       lookup ? dns_type_name(step->type) : outcomes[step->outcome], SLICE_FMT(step->text));
        if (step->gives)
            buf_add_format(out, "=%s", step->gives);
        if (lookup) {
            buf_add_byte(out, ' ');
            put_answer(out, step->answer);
        }
        put_steps(out, step->first);
        buf_add_text(out, lookup ? "]" : ")");
    }
}

/* The trace of joe@domain coming from client. */
static void expect_from(const char *domain, const struct zone_line *zone, const char *client, const char *expected)
{
    struct buf out = {0};
    arena = arena_new();
    query = (struct spf_query){
        .helo = SLICE("mx.example.org"), .local = SLICE("joe"), .domain = slice_of(domain), .explain = true, .trace = &trace};
    trace = (struct spf_trace){.arena = arena};
    ck_assert(net_addr_parse_ip(slice_of(client), &query.client));
    runs = zone_replay(dns_map_new(arena, 2000), zone, arena, eval, NULL);
    put_steps(&out, trace.top.first);
    ck_assert_str_eq(out.ptr ? out.ptr : "", expected);
    buf_release(&out);
    arena_free(&arena);
}

static void expect(const struct zone_line *zone, const char *client, const char *expected)
{
    expect_from("example.com", zone, client, expected);
}

static const struct zone_line zone[] = {
    {"example.com", DNS_TYPE_TXT, "some other text"},
    {"example.com", DNS_TYPE_TXT, "v=spf1 ip4:192.0.2.0/24 include:in.example.com mx ?all"},
    {"example.com", DNS_TYPE_MX, "10 void.example.com"},
    {"example.com", DNS_TYPE_MX, "20 mail.example.com"},
    {"mail.example.com", DNS_TYPE_A, "203.0.113.5"},
    {"in.example.com", DNS_TYPE_TXT, "v=spf1 a:none.example.com ~all"},
    {0},
};

START_TEST(terms_stand_in_the_order_of_evaluation_with_their_answers)
{
    expect(zone, "203.0.113.5",
           "[TXT example.com 2 (no ip4:192.0.2.0/24)"
           " (no include:in.example.com=softfail [TXT in.example.com 1 (no a:none.example.com [A none.example.com NXDOMAIN]) (yes ~all)])"
           " (yes mx [MX example.com 2] [A void.example.com NXDOMAIN] [A mail.example.com 1])]");
    ck_assert_uint_eq(trace.terms, 3);
    ck_assert_uint_eq(trace.voids, 1);
}
END_TEST

START_TEST(terms_behind_the_deciding_one_are_left_out)
{
    expect(zone, "192.0.2.1", "[TXT example.com 2 (yes ip4:192.0.2.0/24)]");
    ck_assert_uint_eq(trace.terms, 0);
}
END_TEST

START_TEST(only_the_last_of_several_runs_stays)
{
    expect(zone, "198.51.100.1",
           "[TXT example.com 2 (no ip4:192.0.2.0/24)"
           " (no include:in.example.com=softfail [TXT in.example.com 1 (no a:none.example.com [A none.example.com NXDOMAIN]) (yes ~all)])"
           " (no mx [MX example.com 2] [A void.example.com NXDOMAIN] [A mail.example.com 1]) (yes ?all)]");
    ck_assert_uint_ge(runs, 3);
    ck_assert_uint_eq(trace.terms, 3);
}
END_TEST

START_TEST(a_redirect_leads_to_the_next_record)
{
    const struct zone_line redirected[] = {
        {"example.com", DNS_TYPE_TXT, "v=spf1 redirect=r.example.com"}, {"r.example.com", DNS_TYPE_TXT, "v=spf1 -all"}, {0}};
    expect(redirected, "192.0.2.1", "[TXT example.com 1 (followed redirect=r.example.com [TXT r.example.com 1 (yes -all)])]");
    ck_assert_uint_eq(trace.terms, 1);
}
END_TEST

START_TEST(an_include_behind_a_redirected_one_belongs_to_the_outer_record)
{
    const struct zone_line both[] = {{"example.com", DNS_TYPE_TXT, "v=spf1 include:a.example.com -all"},
                                     {"a.example.com", DNS_TYPE_TXT, "v=spf1 redirect=b.example.com"},
                                     {"b.example.com", DNS_TYPE_TXT, "v=spf1 ip4:10.0.0.1"},
                                     {0}};
    expect(both, "192.0.2.1",
           "[TXT example.com 1 (no include:a.example.com=neutral [TXT a.example.com 1"
           " (followed redirect=b.example.com [TXT b.example.com 1 (no ip4:10.0.0.1)])]) (yes -all)]");
}
END_TEST

START_TEST(an_explanation_is_told_after_the_terms)
{
    const struct zone_line explained[] = {
        {"example.com", DNS_TYPE_TXT, "v=spf1 exp=why.%{d} -all"}, {"why.example.com", DNS_TYPE_TXT, "go away"}, {0}};
    expect(explained, "192.0.2.1", "[TXT example.com 1 (yes -all)] (followed exp=why.%{d} [TXT why.example.com 1])");
}
END_TEST

START_TEST(the_names_that_a_macro_asks_for_stand_under_its_term_once)
{
    const struct zone_line macro[] = {{"example.com", DNS_TYPE_TXT, "v=spf1 exists:%{p}.%{p}.example.com -all"},
                                      {"1.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "h.example.com"},
                                      {"h.example.com", DNS_TYPE_A, "192.0.2.1"},
                                      {0}};
    expect(macro, "192.0.2.1",
           "[TXT example.com 1 (no exists:%{p}.%{p}.example.com [PTR 1.2.0.192.in-addr.arpa 1] [A h.example.com 1]"
           " [A h.example.com.h.example.com.example.com NXDOMAIN]) (yes -all)]");
}
END_TEST

START_TEST(what_ends_the_evaluation_is_an_error_on_the_way_to_it)
{
    const struct zone_line slow[] = {{"example.com", DNS_TYPE_TXT, "v=spf1 include:in.example.com -all"},
                                     {"in.example.com", DNS_TYPE_TXT, "v=spf1 a:slow.example.com"},
                                     {"slow.example.com", DNS_TYPE_A, "!"},
                                     {0}};
    expect(slow, "192.0.2.1",
           "[TXT example.com 1 (error include:in.example.com [TXT in.example.com 1 (error a:slow.example.com [A slow.example.com "
           "FAILURE])])]");
    ck_assert_int_eq(verdict.result, SPF_IS_TEMPERROR);
}
END_TEST

START_TEST(an_endless_include_is_told_up_to_the_limit)
{
    const struct zone_line endless[] = {{"example.com", DNS_TYPE_TXT, "v=spf1 include:example.com -all"}, {0}};
    unsigned depth = 0;
    arena = arena_new();
    query = (struct spf_query){.local = SLICE("joe"), .domain = SLICE("example.com"), .trace = &trace};
    trace = (struct spf_trace){.arena = arena};
    ck_assert(net_addr_parse_ip(SLICE("192.0.2.1"), &query.client));
    zone_replay(dns_map_new(arena, 2000), endless, arena, eval, NULL);
    for (const struct spf_trace_step *step = trace.top.first; step; step = step->first)
        depth++;
    ck_assert_uint_eq(depth, 2 * (SPF_TERMS_MAX + 1));
    ck_assert_uint_eq(trace.terms, SPF_TERMS_MAX + 1);
    arena_free(&arena);
}
END_TEST

START_TEST(a_name_that_is_never_asked_for_has_no_answer)
{
    expect_from("localhost", zone, "192.0.2.1", "[TXT localhost unasked]");
    expect_from("", zone, "192.0.2.1", "");
}
END_TEST

START_TEST(a_query_without_a_trace_has_the_same_verdict)
{
    expect(zone, "203.0.113.5",
           "[TXT example.com 2 (no ip4:192.0.2.0/24)"
           " (no include:in.example.com=softfail [TXT in.example.com 1 (no a:none.example.com [A none.example.com NXDOMAIN]) (yes ~all)])"
           " (yes mx [MX example.com 2] [A void.example.com NXDOMAIN] [A mail.example.com 1])]");
    enum spf_result traced = verdict.result;
    arena = arena_new();
    query.trace = NULL;
    query.domain = SLICE("example.com");
    ck_assert_uint_eq(zone_replay(dns_map_new(arena, 2000), zone, arena, eval, NULL), runs);
    ck_assert_int_eq(verdict.result, traced);
    ck_assert_int_eq(traced, SPF_IS_PASS);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/spf/spf_trace", terms_stand_in_the_order_of_evaluation_with_their_answers, terms_behind_the_deciding_one_are_left_out,
          only_the_last_of_several_runs_stays, a_redirect_leads_to_the_next_record,
          an_include_behind_a_redirected_one_belongs_to_the_outer_record, an_explanation_is_told_after_the_terms,
          the_names_that_a_macro_asks_for_stand_under_its_term_once, what_ends_the_evaluation_is_an_error_on_the_way_to_it,
          an_endless_include_is_told_up_to_the_limit, a_name_that_is_never_asked_for_has_no_answer,
          a_query_without_a_trace_has_the_same_verdict)
