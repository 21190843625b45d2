/* dmarc_filter: the DMARC filter, glue only. See dmarc_eval.h for the check itself.
 *
 * The author's domain is known at the end of the headers, and lookups begin there; what speaks for it is read from the facts of
 * spf and dkim at the end of the message. Without exactly one From field of one domain there is nothing DMARC could speak of. */
#include "base/dns/replay.h"
#include "filters/dmarc/dmarc_eval.h"
#include "filters/dmarc/from_parser.h"
#include "filters/filter.h"

struct dmarc_config {
    int engine;
    int spf, spf_domain, dkim, dkim_domains, dkim_unknown; /* fact ids; -1: that filter is not there */
};

struct dmarc_tx {
    struct filter_ctx *ctx;
    size_t from_fields;
    struct slice from_value; /* of the first */
    struct from_author author;
    struct dmarc_query query;
    struct dmarc_verdict verdict;
    struct replay *early, *last; /* from the end of the headers; from the end of the message */
};

static const struct option options[] = {
    {.key = "engine",
     .type = OPTION_WORD,
     .offset = offsetof(struct dmarc_config, engine),
     .fallback = "rfc9989",
     .words = dmarc_engine_words,
     .doc =
         "What evaluates the policies: rfc9989 (our own, the standard of 2026) or libopendmarc (RFC 7489, with the public suffix list)."},
    {0},
};

static const char *const words[] = {"none", "pass", "fail", "temperror", "permerror", NULL};
static const char *const policies[] = {"none", "quarantine", "reject", NULL};

static const char *const tags[] = {"p", "sp", "np", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};

enum {
    FACT_DMARC,
    FACT_DMARC_POLICY,
    FACT_DMARC_TAG,
    FACT_DMARC_TEST,
    FACT_DMARC_DOMAIN,
    FACT_DMARC_ORG,
    FACT_DMARC_ALIGNED,
    FACT_DMARC_REASON,
    FACT_FROM,
    FACT_FROM_DOMAIN,
    FACTS
};

static const struct fact_def facts[FACTS] = {
    {"dmarc", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, words,
     "DMARC verdict; permerror: no single author domain, or a malformed record; none: no record; absent if SPF or DKIM is off and nothing "
     "speaks for the domain."},
    {"dmarc.policy", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, policies,
     "The policy that applies to the author's domain, sp=, np= and t= considered; absent if there is no record."},
    {"dmarc.tag", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, tags,
     "Where in the record the policy stands; np: the author's domain does not exist. Absent if there is no record."},
    {"dmarc.test", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, yes_no,
     "Whether the record says t=y, so that dmarc.policy is one step lower than published; absent if there is no record."},
    {"dmarc.domain", FACT_DOMAIN, STAGE_DATA, FACT_TRANSACTION, NULL, "The domain at which the record was found."},
    {"dmarc.org", FACT_DOMAIN, STAGE_DATA, FACT_TRANSACTION, NULL,
     "The author's organizational domain; absent if it could not be found out."},
    {"dmarc.aligned", FACT_LIST, STAGE_DATA, FACT_TRANSACTION, NULL,
     "What speaks for the author's domain: spf, dkim, or both; absent if nothing does."},
    {"dmarc.reason", FACT_TEXT, STAGE_DATA, FACT_TRANSACTION, NULL, "Why the verdict is an error; absent if it is none."},
    {"from.address", FACT_MAILBOX, STAGE_DATA, FACT_TRANSACTION, NULL,
     "The author's address, from the From field; absent if there is no single domain."},
    {"from.domain", FACT_DOMAIN, STAGE_DATA, FACT_TRANSACTION, NULL, "The author's domain; absent if there is no single one."},
};

static void configure(struct filter_setup *setup)
{
    struct dmarc_config *config = setup->config;
    config->spf = fact_schema_find(setup->schema, SLICE("spf"));
    config->spf_domain = fact_schema_find(setup->schema, SLICE("spf.domain"));
    config->dkim = fact_schema_find(setup->schema, SLICE("dkim"));
    config->dkim_domains = fact_schema_find(setup->schema, SLICE("dkim.domains"));
    config->dkim_unknown = fact_schema_find(setup->schema, SLICE("dkim.unchecked"));
    if (dmarc_engine_at(config->engine)->prepare)
        dmarc_engine_at(config->engine)->prepare();
}

/* ---- what speaks for the author ---- */

static void read_spf(const struct filter_ctx *ctx, struct dmarc_query *query)
{
    const struct dmarc_config *config = ctx->config;
    if (config->spf < 0 || config->spf_domain < 0)
        return;
    const struct fact_value *verdict = facts_get(ctx->facts, config->spf), *domain = facts_get(ctx->facts, config->spf_domain);
    if (!verdict->present || !domain->present)
        return;
    if (slice_eq(verdict->text, SLICE("pass")))
        query->spf_domain = domain->text;
    else if (slice_eq(verdict->text, SLICE("temperror")))
        query->spf_unknown = domain->text;
}

static void read_list(const struct filter_ctx *ctx, int id, const struct slice **items, size_t *count)
{
    const struct fact_value *value = id >= 0 ? facts_get(ctx->facts, id) : NULL;
    if (!value || !value->present)
        return;
    *items = value->items;
    *count = value->count;
}

static void fill_query(struct filter_ctx *ctx, struct dmarc_tx *tx)
{
    const struct dmarc_config *config = ctx->config;
    read_spf(ctx, &tx->query);
    read_list(ctx, config->dkim_domains, &tx->query.dkim_domains, &tx->query.dkim_count);
    read_list(ctx, config->dkim_unknown, &tx->query.dkim_unknown, &tx->query.dkim_unknown_count);
}

static void evaluate(void *data, struct dns_view *view)
{
    struct dmarc_tx *tx = data;
    const struct dmarc_config *config = tx->ctx->config;
    dmarc_engine_at(config->engine)->evaluate(&tx->query, view, tx->ctx->tx->arena, &tx->verdict);
}

static bool is_known(const struct filter_ctx *ctx, int id)
{
    return id >= 0 && facts_get(ctx->facts, id)->present;
}

static bool is_off(const struct filter_ctx *ctx, int id)
{
    return id < 0 || fact_schema_off(ctx->facts->schema, id);
}

/* What was not looked at may have spoken for the author: then nobody can say fail. If its filter failed, that is an error that may pass;
 * if it is off, the question has no answer at all. Returns whether there is a result. */
static bool doubt(const struct filter_ctx *ctx, struct dmarc_verdict *verdict)
{
    const struct dmarc_config *config = ctx->config;
    if (verdict->result != DMARC_IS_FAIL || (is_known(ctx, config->spf) && is_known(ctx, config->dkim)))
        return true;
    verdict->result = DMARC_IS_TEMPERROR;
    verdict->reason = is_known(ctx, config->spf) ? "DKIM was not checked" : "SPF was not checked";
    return !is_off(ctx, config->spf) && !is_off(ctx, config->dkim);
}

/* ---- publishing ---- */

static void publish_aligned(struct filter_ctx *ctx, const struct dmarc_verdict *verdict)
{
    static const struct slice both[] = {{"spf", 3}, {"dkim", 4}};
    size_t count = (verdict->spf_aligned ? 1u : 0u) + (verdict->dkim_aligned ? 1u : 0u);
    if (count)
        filter_fact_list(ctx, FACT_DMARC_ALIGNED, verdict->spf_aligned ? both : both + 1, count);
}

static void publish_result(struct filter_ctx *ctx, const struct dmarc_tx *tx)
{
    struct auth_property properties[2];
    size_t count = 0;
    if (tx->author.domain.len)
        properties[count++] = (struct auth_property){"header", "from", tx->author.domain};
    if (tx->verdict.record_domain.len)
        properties[count++] = (struct auth_property){"policy", "dmarc", slice_of(dmarc_policy_word(tx->verdict.policy))};
    auth_results_add(ctx->results, &(struct auth_result){.method = "dmarc",
                                                         .result = dmarc_result_word(tx->verdict.result),
                                                         .reason = slice_of(tx->verdict.reason),
                                                         .properties = properties,
                                                         .property_count = count});
}

static void publish_record(struct filter_ctx *ctx, const struct dmarc_verdict *verdict)
{
    if (verdict->org_domain.len)
        filter_fact_text(ctx, FACT_DMARC_ORG, verdict->org_domain);
    if (verdict->record_domain.len == 0)
        return;
    filter_fact_word(ctx, FACT_DMARC_POLICY, dmarc_policy_word(verdict->policy));
    filter_fact_word(ctx, FACT_DMARC_TAG, dmarc_tag_word(verdict->tag));
    filter_fact_word(ctx, FACT_DMARC_TEST, verdict->test ? "yes" : "no");
    filter_fact_text(ctx, FACT_DMARC_DOMAIN, verdict->record_domain);
}

static void publish(struct filter_ctx *ctx, struct dmarc_tx *tx)
{
    const struct dmarc_verdict *verdict = &tx->verdict;
    bool result = doubt(ctx, &tx->verdict);
    if (result)
        filter_fact_word(ctx, FACT_DMARC, dmarc_result_word(verdict->result));
    if (verdict->reason[0])
        filter_fact_text(ctx, FACT_DMARC_REASON, slice_of(verdict->reason));
    publish_record(ctx, verdict);
    publish_aligned(ctx, verdict);
    if (result)
        publish_result(ctx, tx);
}

/* ---- phases ---- */

static void on_header(struct filter_ctx *ctx, const struct mail_header *header)
{
    struct dmarc_tx *tx = ctx->tx_state;
    if (!slice_eq_nocase(header->name, SLICE("From")) || tx->from_fields++ > 0)
        return;
    tx->from_value = arena_copy(ctx->tx->arena, slice_first(header->value, FROM_VALUE_MAX + 1));
}

static void find_author(struct filter_ctx *ctx, struct dmarc_tx *tx)
{
    if (tx->from_fields == 1)
        from_parse(tx->from_value, ctx->tx->arena, &tx->author);
    else
        tx->author = (struct from_author){.error = tx->from_fields ? "several From fields" : "no From field"};
    if (tx->author.error)
        return;
    filter_fact_text(ctx, FACT_FROM, tx->author.mailbox);
    filter_fact_text(ctx, FACT_FROM_DOMAIN, tx->author.domain);
}

static void ignore(void *data)
{
}

static enum filter_status on_eoh(struct filter_ctx *ctx)
{
    struct dmarc_tx *tx = ctx->tx_state;
    tx->ctx = ctx;
    find_author(ctx, tx);
    if (tx->author.error)
        return FILTER_DONE;
    tx->query.from_domain = tx->author.domain;
    tx->early = replay_start(ctx->tx->arena, ctx->dns, ctx->answers, evaluate, ignore, tx);
    return FILTER_DONE;
}

static void done(void *data)
{
    struct dmarc_tx *tx = data;
    publish(tx->ctx, tx);
    filter_resume(tx->ctx);
}

static enum filter_status on_eom(struct filter_ctx *ctx)
{
    struct dmarc_tx *tx = ctx->tx_state;
    struct dns_view view = {.map = ctx->answers};
    if (!tx->ctx)
        on_eoh(ctx); /* a message without header section */
    if (tx->author.error) {
        tx->verdict = (struct dmarc_verdict){.result = DMARC_IS_PERMERROR, .reason = tx->author.error};
        publish(ctx, tx);
        return FILTER_DONE;
    }
    replay_cancel(tx->early); /* its queries go on: the map has them */
    fill_query(ctx, tx);
    evaluate(tx, &view);
    if (view.missed) {
        tx->last = replay_start(ctx->tx->arena, ctx->dns, ctx->answers, evaluate, done, tx);
        return FILTER_WAIT;
    }
    publish(ctx, tx);
    return FILTER_DONE;
}

/* Nothing is published any more. */
static void on_abort(struct filter_ctx *ctx)
{
    struct dmarc_tx *tx = ctx->tx_state;
    if (tx->early)
        replay_cancel(tx->early);
    if (tx->last)
        replay_cancel(tx->last);
}

const struct filter dmarc_filter = {
    .api_version = FILTER_API_VERSION,
    .name = "dmarc",
    .doc = "DMARC: does anything that passed SPF or DKIM speak for the author's domain, and what does that domain ask for if not?",
    .after = "spf dkim",
    .options = options,
    .config_size = sizeof(struct dmarc_config),
    .tx_size = sizeof(struct dmarc_tx),
    .facts = facts,
    .fact_count = FACTS,
    .configure = configure,
    .header = on_header,
    .eoh = on_eoh,
    .eom = on_eom,
    .abort = on_abort,
};
