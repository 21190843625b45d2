/* arc_filter: the ARC filter (RFC 8617), glue only: it validates, and never seals. See arc_verifier.h for the validation itself,
 * arc_claims.h for what a sealer says.
 *
 * Keys are looked up from the end of the headers on, behind those of dkim, and leave to dmarc its share of the message's queries:
 * a forger's long chain must not switch off the refusal of his forgery. Off by default: worth its cost only where a policy uses its facts.
 */
#include "base/clock.h"
#include "base/dns/replay.h"
#include "filters/arc/arc_claims.h"
#include "filters/arc/arc_set.h"
#include "filters/arc/arc_verifier.h"
#include "filters/filter.h"

struct arc_config {
    struct arc_options options;
    int from_domain; /* fact id; -1: filter dmarc is not there */
};

struct arc_tx {
    struct filter_ctx *ctx;
    struct arc_verifier *verifier;
    struct replay *replay;
    bool keys_pending, waiting;
};

static const struct option options[] = {
    {.key = "max_sets",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct arc_config, options.max_sets),
     .fallback = "10",
     .min = 1,
     .max = ARC_SETS_MAX,
     .doc = "The longest chain that is validated; a longer one fails. Each set may need two keys."},
    {.key = "min_key_bits",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct arc_config, options.min_key_bits),
     .fallback = "1024",
     .min = 512,
     .max = 4096,
     .doc = "RSA keys shorter than this do not count (RFC 8301: at least 1024)."},
    {0},
};

static const char *const words[] = {"none", "pass", "fail", "temperror", NULL};

static const char *const claim_words[] = {"none", "neutral", "pass", "fail", "softfail", "policy", "temperror", "permerror", NULL};

enum {
    FACT_ARC,
    FACT_ARC_DOMAIN,
    FACT_ARC_DOMAINS,
    FACT_ARC_OLDEST_PASS,
    FACT_ARC_SPF,
    FACT_ARC_DKIM,
    FACT_ARC_DMARC,
    FACT_ARC_REASON,
    FACTS
};

static const struct fact_def facts[FACTS] = {
    {"arc", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, words, "Whether the Authenticated Received Chain is unbroken (RFC 8617)."},
    {"arc.domain", FACT_DOMAIN, STAGE_DATA, FACT_TRANSACTION, NULL,
     "Who sealed last, and so vouches for what came before; absent unless the chain passes."},
    {"arc.domains", FACT_LIST, STAGE_DATA, FACT_TRANSACTION, NULL,
     "All who sealed, the last one first; absent unless the chain passes. Each may have altered the message: trust arc.domain, not any of "
     "these."},
    {"arc.oldest_pass", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL,
     "The oldest set since which the message is unaltered; 0: it never was altered. Absent unless the chain passes."},
    {"arc.spf", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, claim_words,
     "What the last sealer says SPF gave for the reverse-path that it saw; absent unless the chain passes. Its word, not ours."},
    {"arc.dkim", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, claim_words,
     "What the last sealer says of the best DKIM signature it saw, of whatever domain; absent unless the chain passes."},
    {"arc.dmarc", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, claim_words,
     "What the last sealer says DMARC gave for from.domain; absent unless the chain passes and it names that domain. Believe it where "
     "you trust arc.domain."},
    {"arc.reason", FACT_TEXT, STAGE_DATA, FACT_TRANSACTION, NULL, "Why the chain does not pass; absent if it does, or there is none."},
};

static void add_result(struct filter_ctx *ctx, const struct arc_report *report)
{
    struct auth_property properties[2];
    size_t count = 0;
    if (report->result == ARC_IS_PASS)
        properties[count++] =
            (struct auth_property){"header", "oldest-pass", slice_of(arena_format(ctx->tx->arena, "%zu", report->oldest_pass))};
    properties[count++] = (struct auth_property){"smtp", "remote-ip", slice_of(ctx->session->client_ip)};
    auth_results_add(ctx->results, &(struct auth_result){.method = "arc",
                                                         .result = arc_result_word(report->result),
                                                         .reason = slice_of(report->reason),
                                                         .properties = properties,
                                                         .property_count = count});
}

static void publish_claim(struct filter_ctx *ctx, int fact, const char *word)
{
    if (word)
        filter_fact_word(ctx, fact, word);
}

static void publish_claims(struct filter_ctx *ctx, const struct arc_report *report)
{
    const struct arc_config *config = ctx->config;
    const struct fact_value *from = config->from_domain >= 0 ? facts_get(ctx->facts, config->from_domain) : NULL;
    struct arc_claims claims;
    arc_claims_read(report->results, from && from->present ? from->text : SLICE(""), ctx->tx->arena, &claims);
    publish_claim(ctx, FACT_ARC_SPF, claims.spf);
    publish_claim(ctx, FACT_ARC_DKIM, claims.dkim);
    publish_claim(ctx, FACT_ARC_DMARC, claims.dmarc);
}

static void publish(struct filter_ctx *ctx, const struct arc_report *report)
{
    filter_fact_word(ctx, FACT_ARC, arc_result_word(report->result));
    if (report->reason[0])
        filter_fact_text(ctx, FACT_ARC_REASON, slice_of(report->reason));
    if (report->result == ARC_IS_PASS) {
        filter_fact_text(ctx, FACT_ARC_DOMAIN, report->domain);
        filter_fact_list(ctx, FACT_ARC_DOMAINS, report->domains, report->domain_count);
        filter_fact_number(ctx, FACT_ARC_OLDEST_PASS, (int64_t)report->oldest_pass);
        publish_claims(ctx, report);
    }
    add_result(ctx, report);
}

static void configure(struct filter_setup *setup)
{
    struct arc_config *config = setup->config;
    config->from_domain = fact_schema_find(setup->schema, SLICE("from.domain"));
}

static void finish(struct filter_ctx *ctx, struct arc_tx *tx)
{
    static const struct arc_report empty_message = {.result = ARC_IS_NONE, .reason = ""};
    struct dns_view view = {.map = ctx->answers, .reserve = FILTER_RESERVE_ARC};
    publish(ctx, tx->verifier ? arc_verifier_finish(tx->verifier, &view, (uint64_t)clock_unix_ms() / 1000) : &empty_message);
}

static void look_up_keys(void *data, struct dns_view *view)
{
    struct arc_tx *tx = data;
    view->reserve = FILTER_RESERVE_ARC;
    arc_verifier_look_up_keys(tx->verifier, view);
}

static void on_keys(void *data)
{
    struct arc_tx *tx = data;
    tx->keys_pending = false;
    if (!tx->waiting)
        return;
    tx->waiting = false;
    finish(tx->ctx, tx);
    filter_resume(tx->ctx);
}

static void on_header(struct filter_ctx *ctx, const struct mail_header *header)
{
    struct arc_tx *tx = ctx->tx_state;
    const struct arc_config *config = ctx->config;
    if (!tx->verifier)
        tx->verifier = arc_verifier_new(ctx->tx->arena, &config->options);
    tx->ctx = ctx;
    arc_verifier_add_header(tx->verifier, header);
}

static enum filter_status on_eoh(struct filter_ctx *ctx)
{
    struct arc_tx *tx = ctx->tx_state;
    if (!tx->verifier || arc_verifier_end_headers(tx->verifier) == 0)
        return FILTER_DONE;
    tx->keys_pending = true;
    tx->replay = replay_start(ctx->tx->arena, ctx->dns, ctx->answers, look_up_keys, on_keys, tx);
    return FILTER_DONE;
}

static void on_body(struct filter_ctx *ctx, struct slice chunk)
{
    struct arc_tx *tx = ctx->tx_state;
    if (tx->verifier)
        arc_verifier_add_body(tx->verifier, chunk);
}

static enum filter_status on_eom(struct filter_ctx *ctx)
{
    struct arc_tx *tx = ctx->tx_state;
    if (tx->keys_pending) {
        tx->waiting = true;
        return FILTER_WAIT;
    }
    finish(ctx, tx);
    return FILTER_DONE;
}

/* Nothing is published any more. */
static void on_abort(struct filter_ctx *ctx)
{
    struct arc_tx *tx = ctx->tx_state;
    if (tx->replay)
        replay_cancel(tx->replay);
}

const struct filter arc_filter = {
    .api_version = FILTER_API_VERSION,
    .name = "arc",
    .doc = "Authenticated Received Chain (RFC 8617): did forwarders keep an unbroken record of this message?",
    .after = "dkim dmarc",
    .off_by_default = true,
    .options = options,
    .config_size = sizeof(struct arc_config),
    .tx_size = sizeof(struct arc_tx),
    .facts = facts,
    .fact_count = FACTS,
    .configure = configure,
    .header = on_header,
    .eoh = on_eoh,
    .body = on_body,
    .eom = on_eom,
    .abort = on_abort,
};
