/* rate_limit_filter: counts recipients or messages against the configured limits and publishes which are over.
 *
 * Everything is measured first and published at once: if the store fails in between, no fact of this recipient is known and
 * mail flows as on_error says. */
#include "base/clock.h"
#include "filters/filter.h"
#include "filters/rate_limit/rate_limit_key.h"

extern const struct filter rate_limit_filter;

static const struct fact_def fact_defs[RATE_FACT_COUNT] = {
    [RATE_FACT] = {"rate", FACT_WORD, STAGE_RCPT, FACT_RECIPIENT, rate_limit_words, "Whether any rate limit is over for this recipient."},
    [RATE_FACT_LIMIT] = {"rate.limit", FACT_TEXT, STAGE_RCPT, FACT_RECIPIENT, NULL, "The first limit that is over; absent if none is."},
    [RATE_FACT_RETRY_AFTER] = {"rate.retry_after", FACT_NUMBER, STAGE_RCPT, FACT_RECIPIENT, NULL,
                               "Seconds until no limit will be over; absent if none is."},
};

struct finding {
    bool known; /* measured in this transaction */
    bool applies;
    bool over;
    int64_t retry_us;
};

struct tx_state {
    struct finding *findings; /* one a limit; those counted by messages stay */
};

enum { STAMP_BYTES = 8 };

/** What kv_update hands to count_event. */
struct event {
    const struct gcra_limit *limit;
    int64_t now_us;
    struct gcra_result result;
};

static int64_t stamp_read(struct slice value)
{
    uint64_t stamp = 0;
    if (value.len != STAMP_BYTES)
        return 0;
    for (size_t i = STAMP_BYTES; i > 0; i--)
        stamp = stamp << 8 | (unsigned char)value.ptr[i - 1];
    return stamp > INT64_MAX ? 0 : (int64_t)stamp;
}

static void stamp_write(int64_t stamp, struct kv_value *out)
{
    for (size_t i = 0; i < STAMP_BYTES; i++)
        out->bytes[i] = (char)((uint64_t)stamp >> (8 * i) & 0xff);
    out->len = STAMP_BYTES;
    out->expires_ms = stamp / 1000 + 1;
}

static bool count_event(void *ctx, struct slice current, struct kv_value *next)
{
    struct event *event = ctx;
    int64_t stored = stamp_read(current);
    event->result = gcra_check(event->limit, stored, event->now_us);
    if (event->result.tat_us == stored)
        return false;
    stamp_write(event->result.tat_us, next);
    return true;
}

/** Counts one event. False: the store failed. */
static bool measure(struct filter_ctx *ctx, const struct rate_limit *limit, int64_t now_ms, struct finding *out)
{
    struct buf key = {0};
    struct event event = {.limit = &limit->gcra, .now_us = now_ms * 1000};
    bool applies = rate_limit_key(limit, ctx->session, ctx->tx, &key);
    bool good = !applies || kv_update(ctx->state, buf_slice(&key), now_ms, count_event, &event);
    *out = (struct finding){good, applies, applies && !event.result.allowed, event.result.retry_us};
    buf_release(&key);
    return good;
}

static bool measure_all(struct filter_ctx *ctx, const struct rate_limit_config *config, struct finding *findings)
{
    const struct rate_limit *limits = config->limits.items;
    int64_t now_ms = clock_unix_ms();
    for (size_t i = 0; i < config->limits.count; i++) {
        bool keep = limits[i].unit == RATE_MESSAGES && findings[i].known;
        if (!keep && !measure(ctx, &limits[i], now_ms, &findings[i]))
            return false;
    }
    return true;
}

static void publish(struct filter_ctx *ctx, const struct rate_limit_config *config, const struct finding *findings)
{
    const struct rate_limit *limits = config->limits.items, *first = NULL;
    int64_t longest_us = 0;
    for (size_t i = 0; i < config->limits.count; i++) {
        if (!findings[i].applies)
            continue;
        filter_fact_word(ctx, limits[i].fact, rate_limit_words[findings[i].over]);
        if (!findings[i].over)
            continue;
        if (!first)
            first = &limits[i];
        if (findings[i].retry_us > longest_us)
            longest_us = findings[i].retry_us;
    }
    filter_fact_word(ctx, RATE_FACT, rate_limit_words[first != NULL]);
    if (!first)
        return;
    filter_fact_text(ctx, RATE_FACT_LIMIT, slice_of(first->name));
    filter_fact_number(ctx, RATE_FACT_RETRY_AFTER, (longest_us + 999999) / 1000000);
}

static enum filter_status on_rcpt(struct filter_ctx *ctx)
{
    const struct rate_limit_config *config = ctx->config;
    struct tx_state *tx = ctx->tx_state;
    if (config->limits.count > 0 && !ctx->state) {
        filter_fail(ctx, "state store unavailable");
        return FILTER_DONE;
    }
    if (!tx->findings)
        tx->findings = arena_alloc(ctx->tx->arena, config->limits.count * sizeof *tx->findings);
    if (measure_all(ctx, config, tx->findings))
        publish(ctx, config, tx->findings);
    else
        filter_fail(ctx, "state store unavailable");
    return FILTER_DONE;
}

const struct filter rate_limit_filter = {
    .api_version = FILTER_API_VERSION,
    .name = "rate_limit",
    .doc = "Limits how many recipients or messages come in a time from a client, a network, a sender, to a recipient and so on.",
    .options = rate_limit_options,
    .config_size = sizeof(struct rate_limit_config),
    .tx_size = sizeof(struct tx_state),
    .facts = fact_defs,
    .fact_count = RATE_FACT_COUNT,
    .configure = rate_limit_configure,
    .rcpt = on_rcpt,
};
