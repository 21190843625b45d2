/* Proves filters/spf/spf_filter.c with a real resolver over a static zone. */
#include "base/config/conf_node.h"
#include "base/dns/replay.h"
#include "filters/filter.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

extern const struct filter spf_filter;

enum { BUDGET = 40 };

static struct event_base *base;
static struct dns *dns;
static struct arena *arena;
static struct fact_schema *schema;
static struct facts facts;
static struct mail_session session;
static struct mail_transaction tx;
static struct auth_results results;
static struct filter_ctx ctx;
static bool resumed;
static unsigned budget = BUDGET;

static void host_resume(struct filter_ctx *c)
{
    resumed = true;
}

static void host_fail(struct filter_ctx *c, const char *why)
{
    ck_abort_msg("%s", why);
}

static const struct filter_host host = {.resume = host_resume, .fail = host_fail, .defer = host_fail};

/* chain.example: as many terms with lookups as RFC 7208 allows, each known only after the one before it. */
static void write_chain(FILE *f)
{
    fputs("chain.example TXT \"v=spf1 include:i1.chain.example -all\"\n", f);
    for (int i = 1; i < 10; i++)
        fprintf(f, "i%d.chain.example TXT \"v=spf1 include:i%d.chain.example -all\"\n", i, i + 1);
    fputs("i10.chain.example TXT \"v=spf1 ip4:198.51.100.9 -all\"\n", f);
}

/* evil.example: ten mx of ten hosts each, of which none exists; burst.example: one such mx; alias.example: a chain
 * of aliases. */
static void write_zone(FILE *f)
{
    fputs("good.example TXT \"v=spf1 ip4:192.0.2.1 exp=why.good.example -all\"\n"
          "why.good.example TXT \"%{i} is none of ours\"\n"
          "deep.example TXT \"v=spf1 include:a.deep.example -all\"\n"
          "a.deep.example TXT \"v=spf1 include:b.deep.example -all\"\n"
          "b.deep.example TXT \"v=spf1 include:c.deep.example -all\"\n"
          "c.deep.example TXT \"v=spf1 include:d.deep.example -all\"\n"
          "d.deep.example TXT \"v=spf1 a:h.deep.example -all\"\n"
          "h.deep.example A 198.51.100.9\n",
          f);
    fputs("evil.example TXT \"v=spf1", f);
    for (int i = 0; i < 10; i++)
        fprintf(f, " mx:m%d.evil.example", i);
    fputs(" -all\"\n", f);
    for (int i = 0; i < 10; i++)
        for (int k = 0; k < 10; k++)
            fprintf(f, "m%d.evil.example MX 10 h%d-%d.evil.example\n", i, i, k);
    fputs("alias.example CNAME 0.alias.example\n", f);
    for (int i = 0; i < 20; i++)
        fprintf(f, "%d.alias.example CNAME %d.alias.example\n", i, i + 1);
    fputs("burst.example TXT \"v=spf1 mx:m0.evil.example -all\"\n", f);
    write_chain(f);
}

static void open_dns(void)
{
    char path[] = "/tmp/mailweir-spf-XXXXXX";
    const char *error = "";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *f = fdopen(fd, "w");
    write_zone(f);
    fclose(f);
    base = event_base_new();
    dns = dns_new(base, &(struct dns_options){.zone_file = path, .timeout_ms = 2000}, &error);
    unlink(path);
    ck_assert_msg(dns != NULL, "%s", error);
}

static void configure(const char *yaml)
{
    struct conf_errors errors;
    arena = arena_new();
    conf_errors_init(&errors, arena);
    schema = fact_schema_new(arena);
    for (size_t i = 0; i < spf_filter.fact_count; i++)
        fact_schema_add(schema, &spf_filter.facts[i]);
    void *config = arena_alloc(arena, spf_filter.config_size);
    options_load(spf_filter.options, spf_filter.config_size, conf_read_text(slice_of(yaml), "t.yaml", arena, &errors), config, arena,
                 &errors);
    facts_init(&facts, schema, arena);
    auth_results_init(&results, arena);
    ctx = (struct filter_ctx){.host = &host,
                              .filter = &spf_filter,
                              .config = config,
                              .session = &session,
                              .tx = &tx,
                              .facts = &facts,
                              .results = &results,
                              .dns = dns,
                              .answers = dns_map_new(arena, budget),
                              .tx_state = arena_alloc(arena, spf_filter.tx_size)};
}

/* MAIL and RCPT of joe@domain; an empty domain is the null reverse-path. */
static void check(const char *yaml, const char *client, const char *helo, const char *domain)
{
    open_dns();
    configure(yaml);
    session = (struct mail_session){.helo = slice_of(helo), .hostname = "mx.here.example", .arena = arena};
    ck_assert(net_addr_parse_ip(slice_of(client), &session.client));
    tx = (struct mail_transaction){.arena = arena};
    tx.sender = (struct mail_path){.null = domain[0] == '\0', .local = SLICE("joe"), .domain = slice_of(domain)};
    tx.sender.text = tx.sender.null ? SLICE("") : slice_of(arena_format(arena, "joe@%s", domain));
    resumed = false;
    ck_assert_int_eq(spf_filter.mail(&ctx), FILTER_DONE);
    if (spf_filter.rcpt(&ctx) == FILTER_WAIT)
        while (!resumed)
            ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void expect(const char *name, const char *value)
{
    int id = fact_schema_find(schema, slice_of(name));
    ck_assert_int_ge(id, 0);
    if (facts_get(&facts, id)->present)
        ck_slice_eq(facts_to_text(&facts, id, arena), value ? value : "(absent)");
    else
        ck_assert_msg(value == NULL, "%s is absent, expected %s", name, value);
}

static void finish(void)
{
    arena_free(&arena);
    dns_free(&dns);
    event_base_free(base);
}

START_TEST(both_identities_are_facts)
{
    check("{}", "192.0.2.1", "mx.none.example", "good.example");
    expect("spf", "pass");
    expect("spf.domain", "good.example");
    expect("spf.helo", "none");
    expect("spf.mechanism", "ip4:192.0.2.1");
    expect("spf.explanation", NULL);
    expect("spf.second", NULL);
    expect("spf.disagree", NULL);
    finish();
}
END_TEST

START_TEST(the_null_reverse_path_stands_for_the_helo_name)
{
    check("{}", "192.0.2.2", "good.example", "");
    expect("spf", "fail");
    expect("spf.domain", "good.example");
    expect("spf.helo", "fail");
    finish();
}
END_TEST

START_TEST(an_explanation_is_fetched_on_request)
{
    check("{explanation: true}", "192.0.2.2", "mx.none.example", "good.example");
    expect("spf", "fail");
    expect("spf.mechanism", "-all");
    expect("spf.explanation", "192.0.2.2 is none of ours");
    finish();
}
END_TEST

START_TEST(engine_both_publishes_whether_they_differ)
{
    check("{engine: both}", "192.0.2.1", "mx.none.example", "good.example");
    expect("spf", "pass");
    expect("spf.second", "pass");
    expect("spf.disagree", "no");
    finish();
    check("{engine: both}", "127.0.0.1", "mx.none.example", "good.example"); /* libspf2 checks no loopback client */
    expect("spf", "fail");
    expect("spf.second", "none");
    expect("spf.disagree", "yes");
    finish();
}
END_TEST

START_TEST(a_hostile_helo_cannot_use_up_the_budget_of_the_sender)
{
    static const char *const engines[] = {"{engine: strict}", "{engine: libspf2}", "{engine: both}"};
    for (size_t i = 0; i < 3; i++) {
        check(engines[i], "192.0.2.1", "evil.example", "deep.example");
        expect("spf", "fail");
        expect("spf.helo", "temperror");
        ck_assert_uint_le(dns_map_wanted(ctx.answers), BUDGET);
        finish();
    }
}
END_TEST

START_TEST(a_helo_with_one_wide_term_cannot_either)
{
    check("{}", "192.0.2.1", "burst.example", "chain.example");
    expect("spf", "fail");
    expect("spf.helo", "temperror");
    finish();
}
END_TEST

START_TEST(nor_can_a_helo_with_a_chain_of_aliases)
{
    budget = BUDGET - FILTER_SESSION_QUERIES; /* and the client's address has many names */
    check("{}", "192.0.2.1", "alias.example", "chain.example");
    expect("spf", "fail");
    expect("spf.helo", "temperror");
    finish();
}
END_TEST

UNIT_MAIN("filters/spf/spf_filter", both_identities_are_facts, the_null_reverse_path_stands_for_the_helo_name,
          an_explanation_is_fetched_on_request, engine_both_publishes_whether_they_differ,
          a_hostile_helo_cannot_use_up_the_budget_of_the_sender, a_helo_with_one_wide_term_cannot_either,
          nor_can_a_helo_with_a_chain_of_aliases)
