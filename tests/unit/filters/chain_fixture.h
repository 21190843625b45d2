/* chain_fixture: the filters spf, dkim and dmarc, phase by phase as the chain runs them, with the real resolver on static answers.
 * One message at a time: chain_open, chain_envelope, chain_header for each field, chain_eoh, chain_body, chain_eom, chain_close. */
#ifndef TESTS_UNIT_FILTERS_CHAIN_FIXTURE_H
#define TESTS_UNIT_FILTERS_CHAIN_FIXTURE_H

#include "base/dns/dns.h"
#include "base/dns/replay.h"
#include "filters/registry.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

enum { CHAIN_FILTERS = 3 };

static struct {
    struct arena *arena;
    struct event_base *base;
    struct dns *dns;
    struct fact_schema *schema;
    struct facts facts;
    struct auth_results results;
    struct dns_map *answers;
    struct filter_ctx ctxs[CHAIN_FILTERS];
    struct mail_session session;
    struct mail_transaction tx;
    bool resumed;
    const char *failure;
} chain;

/* The chain's part. */
static inline void chain_resume(struct filter_ctx *ctx)
{
    ck_assert(!chain.resumed);
    chain.resumed = true;
    event_base_loopbreak(chain.base);
}

static inline void chain_fail(struct filter_ctx *ctx, const char *why)
{
    chain.failure = why;
}

static const struct filter_host chain_host = {.resume = chain_resume, .fail = chain_fail, .defer = chain_fail};

static inline void chain_open_dns(const char *records)
{
    const char *error = NULL;
    char path[] = "/tmp/mailweir-chain-XXXXXX";
    FILE *f = fdopen(mkstemp(path), "w");
    ck_assert_ptr_nonnull(f);
    fputs(records, f);
    fclose(f);
    chain.base = event_base_new();
    /* nothing listens there: what the zone does not hold fails */
    const char *forward[] = {"127.0.0.1@9"};
    struct dns_options options = {.zone_file = path, .timeout_ms = 2000, .cache_bytes = 1 << 20, .forward = forward, .forward_count = 1};
    chain.dns = dns_new(chain.base, &options, &error);
    unlink(path);
    ck_assert_msg(chain.dns != NULL, "%s", error);
}

static inline void chain_add_filter(size_t i, const char *name, struct conf_errors *errors)
{
    const struct filter *filter = filter_registry_find(slice_of(name));
    void *config = arena_alloc(chain.arena, filter->config_size);
    int fact_base = (int)fact_schema_count(chain.schema);
    options_load(filter->options, filter->config_size, NULL, config, chain.arena, errors);
    for (size_t k = 0; k < filter->fact_count; k++)
        ck_assert_int_ge(fact_schema_add(chain.schema, &filter->facts[k]), 0);
    if (filter->configure)
        filter->configure(&(struct filter_setup){.config = config,
                                                 .hostname = "mx.example.org",
                                                 .arena = chain.arena,
                                                 .schema = chain.schema,
                                                 .errors = errors,
                                                 .fact_base = fact_base});
    chain.ctxs[i] = (struct filter_ctx){.host = &chain_host,
                                        .filter = filter,
                                        .config = config,
                                        .tx_state = arena_alloc(chain.arena, filter->tx_size),
                                        .session = &chain.session,
                                        .tx = &chain.tx,
                                        .facts = &chain.facts,
                                        .results = &chain.results,
                                        .answers = chain.answers,
                                        .dns = chain.dns,
                                        .fact_base = fact_base};
}

/* records: a zone file; what it does not hold fails. */
static inline void chain_open(const char *records, const char *client, const char *helo)
{
    static const char *const names[CHAIN_FILTERS] = {"spf", "dkim", "dmarc"};
    struct conf_errors errors;
    memset(&chain, 0, sizeof chain);
    chain.arena = arena_new();
    chain_open_dns(records);
    conf_errors_init(&errors, chain.arena);
    chain.schema = fact_schema_new(chain.arena);
    chain.session = (struct mail_session){.helo = slice_of(helo), .client_ip = client, .hostname = "mx.example.org", .arena = chain.arena};
    ck_assert(net_addr_parse_ip(slice_of(client), &chain.session.client));
    chain.tx = (struct mail_transaction){.arena = chain.arena, .sender = {.null = true}};
    auth_results_init(&chain.results, chain.arena);
    chain.answers = dns_map_new(chain.arena, 40);
    for (size_t i = 0; i < CHAIN_FILTERS; i++)
        chain_add_filter(i, names[i], &errors);
    ck_assert_uint_eq(errors.errors, 0);
    facts_init(&chain.facts, chain.schema, chain.arena);
}

static inline void chain_close(void)
{
    arena_free(&chain.arena);
    dns_free(&chain.dns);
    event_base_free(chain.base);
}

static inline void chain_wait_for(enum filter_status status)
{
    if (status == FILTER_DONE)
        return;
    struct timeval limit = {10, 0};
    chain.resumed = false;
    event_base_loopexit(chain.base, &limit);
    event_base_dispatch(chain.base);
    ck_assert_msg(chain.resumed, "the filter never resumed");
}

/* The phases mail and rcpt, for the sender that stands in chain.tx. */
static inline void chain_envelope(void)
{
    for (size_t i = 0; i < CHAIN_FILTERS; i++)
        if (chain.ctxs[i].filter->mail)
            chain_wait_for(chain.ctxs[i].filter->mail(&chain.ctxs[i]));
    for (size_t i = 0; i < CHAIN_FILTERS; i++)
        if (chain.ctxs[i].filter->rcpt)
            chain_wait_for(chain.ctxs[i].filter->rcpt(&chain.ctxs[i]));
}

static inline void chain_header(const struct mail_header *header)
{
    for (size_t i = 0; i < CHAIN_FILTERS; i++)
        if (chain.ctxs[i].filter->header)
            chain.ctxs[i].filter->header(&chain.ctxs[i], header);
}

static inline void chain_eoh(void)
{
    for (size_t i = 0; i < CHAIN_FILTERS; i++)
        if (chain.ctxs[i].filter->eoh)
            ck_assert_int_eq(chain.ctxs[i].filter->eoh(&chain.ctxs[i]), FILTER_DONE);
}

static inline void chain_body(struct slice chunk)
{
    for (size_t i = 0; i < CHAIN_FILTERS; i++)
        if (chain.ctxs[i].filter->body)
            chain.ctxs[i].filter->body(&chain.ctxs[i], chunk);
}

static inline void chain_eom(void)
{
    for (size_t i = 0; i < CHAIN_FILTERS; i++)
        if (chain.ctxs[i].filter->eom)
            chain_wait_for(chain.ctxs[i].filter->eom(&chain.ctxs[i]));
    ck_assert_ptr_null(chain.failure);
}

static inline struct slice chain_fact(const char *fact)
{
    int id = fact_schema_find(chain.schema, slice_of(fact));
    ck_assert_msg(id >= 0, "%s", fact);
    return facts_to_text(&chain.facts, id, chain.arena);
}

static inline void chain_expect(const char *fact, const char *text)
{
    struct slice actual = chain_fact(fact);
    ck_assert_msg(slice_eq(actual, slice_of(text)), "%s is \"%.*s\", expected \"%s\"", fact, SLICE_FMT(actual), text);
}

#endif
