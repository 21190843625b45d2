/* dkim_filter: the DKIM filter (RFC 6376), glue only. See verifier.h for the verification itself.
 *
 * Keys are looked up from the end of the headers on, while the body is hashed as it arrives; both are waited for at the end of
 * the message. */
#include "base/clock.h"
#include "base/dns/replay.h"
#include "filters/dkim/verifier.h"
#include "filters/filter.h"

struct dkim_config {
    struct verifier_options verifier;
};

struct dkim_tx {
    struct filter_ctx *ctx;
    struct verifier *verifier;
    struct replay *replay;
    bool failed, keys_pending, waiting;
};

static const struct option options[] = {
    {.key = "engine",
     .type = OPTION_WORD,
     .offset = offsetof(struct dkim_config, verifier.engine),
     .fallback = "strict",
     .words = dkim_engine_words,
     .doc = "What verifies the signatures: strict (RFC 6376 to the letter, and fast), libopendkim (behind guards of our own), or both: "
            "the verdict of strict, and fact dkim.disagree tells whether libopendkim differs."},
    {.key = "max_signatures",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct dkim_config, verifier.max_signatures),
     .fallback = "10",
     .min = 1,
     .max = 10, /* FILTER_RESERVE_SPF: a key that the budget refuses would be a temporary error at the forger's will */
     .doc = "Signatures that are verified, from the top; further ones are ignored."},
    {.key = "min_key_bits",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct dkim_config, verifier.min_key_bits),
     .fallback = "1024",
     .min = 512,
     .max = 4096,
     .doc = "RSA keys shorter than this do not count (RFC 8301: at least 1024)."},
    {0},
};

static const char *const words[] = {"none", "neutral", "pass", "fail", "policy", "temperror", "permerror", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};

enum {
    FACT_DKIM,
    FACT_DKIM_DOMAINS,
    FACT_DKIM_UNCHECKED,
    FACT_DKIM_COUNT,
    FACT_DKIM_PARTIAL,
    FACT_DKIM_REASON,
    FACT_DKIM_SECOND,
    FACT_DKIM_DISAGREE,
    FACTS
};

static const struct fact_def facts[FACTS] = {
    {"dkim", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, words, "The best verdict of all DKIM signatures (RFC 6376, RFC 8601)."},
    {"dkim.domains", FACT_LIST, STAGE_DATA, FACT_TRANSACTION, NULL, "The domains (d=) whose signatures passed; absent if none did."},
    {"dkim.unchecked", FACT_LIST, STAGE_DATA, FACT_TRANSACTION, NULL,
     "The domains (d=) whose signatures could not be checked for a temporary reason; absent if there are none."},
    {"dkim.count", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, "DKIM-Signature fields in the message."},
    {"dkim.partial_body", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, yes_no,
     "Whether a signature that passed leaves a part of the body unsigned (l=); absent if none passed."},
    {"dkim.reason", FACT_TEXT, STAGE_DATA, FACT_TRANSACTION, NULL, "Why the best verdict is not pass; absent if it is, or none."},
    {"dkim.second", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, words, "Engine both: the best verdict by libopendkim."},
    {"dkim.disagree", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, yes_no, "Engine both: do the engines differ about the best verdict?"},
};

static bool holds(const struct slice *items, size_t count, struct slice item)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(items[i], item))
            return true;
    return false;
}

/* The distinct domains of the signatures with this result. */
static void publish_domains(struct filter_ctx *ctx, int fact, const struct verifier_report *report, enum dkim_result result)
{
    struct slice *domains = arena_alloc(ctx->tx->arena, report->count * sizeof *domains);
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        if (report->signatures[i].result == result && !holds(domains, count, report->signatures[i].domain))
            domains[count++] = report->signatures[i].domain;
    if (count)
        filter_fact_list(ctx, fact, domains, count);
}

static bool any_partial(const struct verifier_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->signatures[i].partial)
            return true;
    return false;
}

static void add_result(struct filter_ctx *ctx, const struct dkim_signature *sig)
{
    struct auth_property properties[] = {
        {"header", "d", sig->d},
        {"header", "s", sig->s},
        {"header", "a", sig->a},
        {"header", "b", sig->b},
    };
    const char *comment = sig->partial ? "part of the body is unsigned" : sig->testing ? "test key" : "";
    auth_results_add(ctx->results, &(struct auth_result){.method = "dkim",
                                                         .result = dkim_result_word(sig->result),
                                                         .reason = slice_of(sig->reason),
                                                         .comment = slice_of(comment),
                                                         .properties = properties,
                                                         .property_count = sizeof properties / sizeof properties[0]});
}

static void publish(struct filter_ctx *ctx, const struct verifier_report *report)
{
    filter_fact_word(ctx, FACT_DKIM, dkim_result_word(report->result));
    filter_fact_number(ctx, FACT_DKIM_COUNT, (int64_t)report->fields);
    if (report->reason[0])
        filter_fact_text(ctx, FACT_DKIM_REASON, slice_of(report->reason));
    if (report->result == DKIM_IS_PASS)
        filter_fact_word(ctx, FACT_DKIM_PARTIAL, any_partial(report) ? "yes" : "no");
    if (report->compared) {
        filter_fact_word(ctx, FACT_DKIM_SECOND, dkim_result_word(report->second));
        filter_fact_word(ctx, FACT_DKIM_DISAGREE, report->second == report->result ? "no" : "yes");
    }
    publish_domains(ctx, FACT_DKIM_DOMAINS, report, DKIM_IS_PASS);
    publish_domains(ctx, FACT_DKIM_UNCHECKED, report, DKIM_IS_TEMPERROR);
    for (size_t i = 0; i < report->count; i++)
        add_result(ctx, &report->signatures[i]);
    if (report->count == 0)
        auth_results_add(
            ctx->results,
            &(struct auth_result){.method = "dkim", .result = dkim_result_word(report->result), .reason = slice_of(report->reason)});
}

static void finish(struct filter_ctx *ctx, struct dkim_tx *tx)
{
    static const struct verifier_report library_failed = {.result = DKIM_IS_TEMPERROR, .reason = "the DKIM library failed"};
    static const struct verifier_report empty_message = {.result = DKIM_IS_NONE, .reason = ""};
    struct dns_view view = {.map = ctx->answers, .reserve = FILTER_RESERVE_DKIM};
    if (tx->failed) {
        filter_fail(ctx, "the DKIM library failed");
        publish(ctx, &library_failed);
    } else {
        publish(ctx, tx->verifier ? verifier_finish(tx->verifier, &view) : &empty_message);
    }
}

static void look_up_keys(void *data, struct dns_view *view)
{
    struct dkim_tx *tx = data;
    view->reserve = FILTER_RESERVE_DKIM;
    verifier_look_up_keys(tx->verifier, view);
}

static void on_keys(void *data)
{
    struct dkim_tx *tx = data;
    tx->keys_pending = false;
    if (!tx->waiting)
        return;
    tx->waiting = false;
    finish(tx->ctx, tx);
    filter_resume(tx->ctx);
}

static void on_header(struct filter_ctx *ctx, const struct mail_header *header)
{
    struct dkim_tx *tx = ctx->tx_state;
    const struct dkim_config *config = ctx->config;
    tx->ctx = ctx;
    if (!tx->verifier && !tx->failed) {
        tx->verifier = verifier_new(ctx->tx->arena, &config->verifier);
        tx->failed = !tx->verifier;
    }
    if (tx->verifier)
        verifier_add_header(tx->verifier, header);
}

static enum filter_status on_eoh(struct filter_ctx *ctx)
{
    struct dkim_tx *tx = ctx->tx_state;
    if (!tx->verifier || verifier_end_headers(tx->verifier, (uint64_t)clock_unix_ms() / 1000) == 0)
        return FILTER_DONE;
    tx->keys_pending = true;
    tx->replay = replay_start(ctx->tx->arena, ctx->dns, ctx->answers, look_up_keys, on_keys, tx);
    return FILTER_DONE;
}

static void on_body(struct filter_ctx *ctx, struct slice chunk)
{
    struct dkim_tx *tx = ctx->tx_state;
    if (tx->verifier)
        verifier_add_body(tx->verifier, chunk);
}

static enum filter_status on_eom(struct filter_ctx *ctx)
{
    struct dkim_tx *tx = ctx->tx_state;
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
    struct dkim_tx *tx = ctx->tx_state;
    if (tx->replay)
        replay_cancel(tx->replay);
}

const struct filter dkim_filter = {
    .api_version = FILTER_API_VERSION,
    .name = "dkim",
    .doc = "DomainKeys Identified Mail (RFC 6376): which domains vouch for this message by a signature?",
    .options = options,
    .config_size = sizeof(struct dkim_config),
    .tx_size = sizeof(struct dkim_tx),
    .facts = facts,
    .fact_count = FACTS,
    .header = on_header,
    .eoh = on_eoh,
    .body = on_body,
    .eom = on_eom,
    .abort = on_abort,
};
