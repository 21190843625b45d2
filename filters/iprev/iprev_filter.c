/* iprev_filter: the client's name (RFC 8601 §3), glue only. See iprev_eval.h for the check itself.
 *
 * Begun when the client connects, waited for at MAIL: the greeting and EHLO are never held up. The answers belong to the
 * session. Off by default: worth its queries only where a policy uses its facts. */
#include "base/dns/replay.h"
#include "filters/filter.h"
#include "filters/iprev/iprev_eval.h"

struct iprev_session {
    struct filter_ctx *ctx;
    struct replay *replay;
    struct iprev_verdict verdict;
    bool waiting;
};

static const char *const words[] = {"none", "pass", "fail", "temperror", NULL};

enum { FACT_FCRDNS, FACT_PTR, FACT_PTR_CLAIMED, FACTS };

static const struct fact_def facts[FACTS] = {
    {"client.fcrdns", FACT_WORD, STAGE_MAIL, FACT_SESSION, words,
     "Whether the client's address has a name that leads back to the address; none: it has no name."},
    {"client.ptr", FACT_DOMAIN, STAGE_MAIL, FACT_SESSION, NULL, "The client's name, confirmed by its address; absent if there is none."},
    {"client.ptr_claimed", FACT_DOMAIN, STAGE_MAIL, FACT_SESSION, NULL,
     "The name that the client's address claims, confirmed or not: anybody can claim any name."},
};

static void evaluate(void *data, struct dns_view *view)
{
    struct iprev_session *s = data;
    iprev_evaluate(&s->ctx->session->client, view, s->ctx->session->arena, &s->verdict);
}

static void publish(struct filter_ctx *ctx, const struct iprev_verdict *verdict)
{
    bool passed = verdict->result == IPREV_IS_PASS;
    struct auth_property address = {"policy", "iprev", slice_of(ctx->session->client_ip)};
    filter_fact_word(ctx, FACT_FCRDNS, iprev_result_word(verdict->result));
    if (passed)
        filter_fact_text(ctx, FACT_PTR, verdict->name);
    if (verdict->name.len)
        filter_fact_text(ctx, FACT_PTR_CLAIMED, verdict->name);
    auth_results_add(ctx->results, &(struct auth_result){.method = "iprev",
                                                         .result = iprev_method_result(verdict->result),
                                                         .comment = passed ? verdict->name : SLICE(""),
                                                         .properties = &address,
                                                         .property_count = 1});
}

/* A lookup refused for load says nothing about the client. */
static void finish(struct iprev_session *s)
{
    if (dns_map_starved(s->ctx->session_answers))
        filter_fail(s->ctx, "too many lookups under way for the client's network");
    else
        publish(s->ctx, &s->verdict);
}

static void done(void *data)
{
    struct iprev_session *s = data;
    if (!s->waiting)
        return;
    s->waiting = false;
    finish(s);
    filter_resume(s->ctx);
}

static enum filter_status on_connect(struct filter_ctx *ctx)
{
    struct iprev_session *s = ctx->session_state;
    s->ctx = ctx;
    s->replay = replay_start(ctx->session->arena, ctx->dns, ctx->session_answers, evaluate, done, s);
    return FILTER_DONE;
}

static enum filter_status on_mail(struct filter_ctx *ctx)
{
    struct iprev_session *s = ctx->session_state;
    if (!replay_finished(s->replay)) {
        s->waiting = true;
        return FILTER_WAIT;
    }
    finish(s);
    return FILTER_DONE;
}

/* The lookups go on: the next transaction may want them. */
static void on_abort(struct filter_ctx *ctx)
{
    struct iprev_session *s = ctx->session_state;
    s->waiting = false;
}

static void on_close(struct filter_ctx *ctx)
{
    struct iprev_session *s = ctx->session_state;
    if (s->replay)
        replay_cancel(s->replay);
}

const struct filter iprev_filter = {
    .api_version = FILTER_API_VERSION,
    .name = "iprev",
    .doc = "Forward-confirmed reverse DNS (RFC 8601 §3): has the client's address a name that leads back to it?",
    .off_by_default = true,
    .session_size = sizeof(struct iprev_session),
    .facts = facts,
    .fact_count = FACTS,
    .connect = on_connect,
    .mail = on_mail,
    .abort = on_abort,
    .close = on_close,
};
