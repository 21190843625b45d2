/* spf_filter: the SPF filter (RFC 7208), glue only. See spf_eval.h for the check itself.
 *
 * Both identities are checked in one replay that begins with MAIL, overlaps what follows, and is waited for at RCPT.
 * Results are published once, when the replay is done. The null reverse-path stands for postmaster@HELO (§2.4). */
#include "base/clock.h"
#include "base/dns/replay.h"
#include "filters/domain_name.h"
#include "filters/filter.h"
#include "filters/received_spf.h"
#include "filters/spf/spf_trace.h"

struct spf_config {
    int engine;
    bool explanation;
    bool received_spf;
};

struct spf_tx {
    struct filter_ctx *ctx;
    struct spf_query mail_from, helo;
    struct spf_verdict mail_from_verdict, helo_verdict;
    bool started, published, waiting;
};

static const struct option options[] = {
    {.key = "engine",
     .type = OPTION_WORD,
     .offset = offsetof(struct spf_config, engine),
     .fallback = "strict",
     .words = spf_engine_words,
     .doc = "What evaluates the records: strict (RFC 7208 to the letter), libspf2 (behind a gate of our own), or both: the verdict of "
            "strict, and fact spf.disagree tells whether libspf2 differs."},
    {.key = "explanation",
     .type = OPTION_BOOL,
     .offset = offsetof(struct spf_config, explanation),
     .fallback = "false",
     .doc = "Fetch the explanation that a domain offers for a fail (exp=) and publish it as spf.explanation. It is the domain owner's "
            "text, cut to one line of printable ASCII. Engine libspf2 never does."},
    {.key = "received_spf",
     .type = OPTION_BOOL,
     .offset = offsetof(struct spf_config, received_spf),
     .fallback = "false",
     .doc = "Put a Received-SPF field (RFC 7208 §9.1) for the reverse-path on the message, for readers who do not know "
            "Authentication-Results."},
    {0},
};

static const char *const words[] = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror", NULL};

static const char *const yes_no[] = {"no", "yes", NULL};

enum {
    FACT_SPF,
    FACT_SPF_DOMAIN,
    FACT_SPF_HELO,
    FACT_SPF_REASON,
    FACT_SPF_MECHANISM,
    FACT_SPF_EXPLANATION,
    FACT_SPF_SECOND,
    FACT_SPF_DISAGREE,
    FACTS
};

static const struct fact_def facts[FACTS] = {
    {"spf", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, words, "SPF verdict for the reverse-path's domain (RFC 7208)."},
    {"spf.domain", FACT_DOMAIN, STAGE_RCPT, FACT_TRANSACTION, NULL, "The domain that was checked; absent if there was none."},
    {"spf.helo", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, words, "SPF verdict for the HELO name."},
    {"spf.reason", FACT_TEXT, STAGE_RCPT, FACT_TRANSACTION, NULL, "Why the verdict is an error; absent if it is none."},
    {"spf.mechanism", FACT_TEXT, STAGE_RCPT, FACT_TRANSACTION, NULL,
     "What decided about the reverse-path, as it stands in the domain's record; absent if nothing matched."},
    {"spf.explanation", FACT_TEXT, STAGE_RCPT, FACT_TRANSACTION, NULL, "What the domain has to say about a fail; see option explanation."},
    {"spf.second", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, words, "Engine both: what libspf2 says about the reverse-path's domain."},
    {"spf.disagree", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, yes_no, "Engine both: do the engines differ about one of the identities?"},
};

/* The reverse-path comes first. Beside it only the HELO name's own record is asked for: a client may say any HELO, and one with a
 * hostile zone must not use up the budget that the reverse-path's verdict needs, a record and ten terms; not by CNAMEs either. */
enum { HELO_LEAVES = 1 + SPF_TERMS_MAX };

static void evaluate(void *data, struct dns_view *view)
{
    struct spf_tx *tx = data;
    const struct spf_config *config = tx->ctx->config;
    struct arena *arena = tx->ctx->tx->arena;
    const struct spf_engine *engine = spf_engine_at(config->engine);
    view->reserve = FILTER_RESERVE_SPF;
    engine->evaluate(&tx->mail_from, view, arena, &tx->mail_from_verdict);
    if (view->missed == 0) {
        engine->evaluate(&tx->helo, view, arena, &tx->helo_verdict);
    } else if (tx->helo.domain.len) {
        view->reserve += HELO_LEAVES;
        dns_view_find(view, tx->helo.domain, DNS_TYPE_TXT);
    }
}

/* The mailbox that was checked. */
static struct slice checked_mailbox(struct filter_ctx *ctx, const struct spf_query *query)
{
    if (!ctx->tx->sender.null)
        return ctx->tx->sender.text;
    return slice_of(arena_format(ctx->tx->arena, "%.*s@%.*s", SLICE_FMT(query->local), SLICE_FMT(query->domain)));
}

static void publish_results(struct filter_ctx *ctx, const struct spf_tx *tx)
{
    struct auth_property mail_from = {"smtp", "mailfrom", checked_mailbox(ctx, &tx->mail_from)};
    struct auth_property helo = {"smtp", "helo", ctx->session->helo};
    auth_results_add(ctx->results, &(struct auth_result){.method = "spf",
                                                         .result = spf_result_word(tx->mail_from_verdict.result),
                                                         .reason = slice_of(tx->mail_from_verdict.reason),
                                                         .properties = &mail_from,
                                                         .property_count = 1});
    auth_results_add(ctx->results, &(struct auth_result){.method = "spf",
                                                         .result = spf_result_word(tx->helo_verdict.result),
                                                         .reason = slice_of(tx->helo_verdict.reason),
                                                         .properties = &helo,
                                                         .property_count = 1});
}

/* One field, for the identity that decides. */
static void publish_received_spf(struct filter_ctx *ctx, const struct spf_tx *tx)
{
    const struct spf_verdict *verdict = &tx->mail_from_verdict;
    received_spf_add(ctx->results, &(struct received_spf){.result = spf_result_word(verdict->result),
                                                          .client_ip = slice_of(ctx->session->client_ip),
                                                          .envelope_from = checked_mailbox(ctx, &tx->mail_from),
                                                          .domain = tx->mail_from.domain,
                                                          .helo = ctx->session->helo,
                                                          .identity = "mailfrom",
                                                          .mechanism = verdict->mechanism,
                                                          .problem = slice_of(verdict->reason),
                                                          .receiver = slice_of(ctx->session->hostname)});
}

static void publish_details(struct filter_ctx *ctx, const struct spf_verdict *verdict)
{
    if (verdict->reason[0])
        filter_fact_text(ctx, FACT_SPF_REASON, slice_of(verdict->reason));
    if (verdict->mechanism.len)
        filter_fact_text(ctx, FACT_SPF_MECHANISM, verdict->mechanism);
    if (verdict->explanation.len)
        filter_fact_text(ctx, FACT_SPF_EXPLANATION, verdict->explanation);
}

static bool differs(const struct spf_verdict *verdict)
{
    return verdict->compared && verdict->second != verdict->result;
}

static void publish_comparison(struct filter_ctx *ctx, const struct spf_tx *tx)
{
    const struct spf_verdict *verdict = &tx->mail_from_verdict;
    if (!verdict->compared)
        return;
    filter_fact_word(ctx, FACT_SPF_SECOND, spf_result_word(verdict->second));
    filter_fact_word(ctx, FACT_SPF_DISAGREE, yes_no[differs(verdict) || differs(&tx->helo_verdict)]);
}

/* For who asks how it came about. */
static void tell_story(struct filter_ctx *ctx, const struct spf_tx *tx)
{
    const struct spf_config *config = ctx->config;
    struct spf_story *story = ctx->tx->spf_story;
    if (!story)
        return;
    story->engine = spf_engine_at(config->engine);
    story->mail_from.domain = tx->mail_from.domain;
    story->mail_from.verdict = tx->mail_from_verdict;
    story->helo.domain = tx->helo.domain;
    story->helo.verdict = tx->helo_verdict;
}

static void done(void *data)
{
    struct spf_tx *tx = data;
    struct filter_ctx *ctx = tx->ctx;
    const struct spf_config *config = ctx->config;
    bool waiting = tx->waiting;
    tx->waiting = false;
    tx->published = true;
    filter_fact_word(ctx, FACT_SPF, spf_result_word(tx->mail_from_verdict.result));
    filter_fact_word(ctx, FACT_SPF_HELO, spf_result_word(tx->helo_verdict.result));
    if (tx->mail_from.domain.len)
        filter_fact_text(ctx, FACT_SPF_DOMAIN, tx->mail_from.domain);
    publish_details(ctx, &tx->mail_from_verdict);
    publish_comparison(ctx, tx);
    publish_results(ctx, tx);
    if (config->received_spf)
        publish_received_spf(ctx, tx);
    tell_story(ctx, tx);
    if (waiting)
        filter_resume(ctx);
}

/* A domain that is no name, such as an address literal, leaves nothing to check (RFC 7208 §4.3). */
static void fill_queries(struct filter_ctx *ctx, struct spf_tx *tx)
{
    const struct mail_path *sender = &ctx->tx->sender;
    const struct spf_config *config = ctx->config;
    tx->helo.client = ctx->session->client;
    tx->helo.helo = ctx->session->helo;
    tx->helo.local = SLICE("postmaster");
    domain_name_normalise(ctx->session->helo, ctx->tx->arena, &tx->helo.domain);
    tx->mail_from = tx->helo;
    tx->mail_from.explain = config->explanation;
    tx->mail_from.receiver = slice_of(ctx->session->hostname);
    tx->mail_from.now = clock_unix_ms() / 1000;
    if (sender->null)
        return;
    tx->mail_from.local = sender->local;
    domain_name_normalise(sender->domain, ctx->tx->arena, &tx->mail_from.domain);
}

static struct spf_trace *begin_trace(struct spf_told *told, struct arena *arena)
{
    told->trace.arena = arena;
    spf_trace_begin(&told->trace);
    return &told->trace;
}

static void begin_story(struct filter_ctx *ctx, struct spf_tx *tx)
{
    struct spf_story *story = ctx->tx->spf_story;
    if (!story)
        return;
    tx->mail_from.trace = begin_trace(&story->mail_from, ctx->tx->arena);
    tx->helo.trace = begin_trace(&story->helo, ctx->tx->arena);
}

static enum filter_status on_mail(struct filter_ctx *ctx)
{
    struct spf_tx *tx = ctx->tx_state;
    tx->ctx = ctx;
    fill_queries(ctx, tx);
    begin_story(ctx, tx);
    tx->started = true;
    replay_start(ctx->tx->arena, ctx->dns, ctx->answers, evaluate, done, tx);
    return FILTER_DONE;
}

static enum filter_status on_rcpt(struct filter_ctx *ctx)
{
    struct spf_tx *tx = ctx->tx_state;
    if (!tx->started || tx->published)
        return FILTER_DONE;
    tx->waiting = true;
    return FILTER_WAIT;
}

const struct filter spf_filter = {
    .api_version = FILTER_API_VERSION,
    .name = "spf",
    .doc = "Sender Policy Framework (RFC 7208): may this client send for this domain?",
    .options = options,
    .config_size = sizeof(struct spf_config),
    .tx_size = sizeof(struct spf_tx),
    .facts = facts,
    .fact_count = FACTS,
    .mail = on_mail,
    .rcpt = on_rcpt,
};
