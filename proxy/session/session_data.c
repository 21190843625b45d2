/* session_data: DATA and the bytes that follow, up to the final dot.
 *
 * We answer 354 ourselves; the bytes go through smtp_data (line ends, dots), message (header fields), the filters and into the spool.
 * Once the message cannot be accepted any more, its bytes are still read to the end, but kept no longer. */
#include "proxy/session/session_state.h"

#include "base/clock.h"
#include "proxy/settings/core_facts.h"

static void on_field(void *ctx, const struct mail_header *field)
{
    struct session *s = ctx;
    chain_header(s->chain, field);
    core_facts_publish_field(s->settings, field, s->tx_arena, &s->facts);
}

static void on_header_end(void *ctx)
{
    struct session *s = ctx;
    core_facts_publish_header(s->settings, &s->tx->message, &s->facts);
    chain_eoh(s->chain);
}

void session_begin_data(struct session *s)
{
    struct tx *tx = s->tx;
    core_facts_publish_data(s->settings, &tx->mail, &s->facts);
    tx_start_data(tx, s->settings, on_field, on_header_end, s);
    tx->spool = spool_new(&s->worker->spool);
    s->data_until_us = clock_monotonic_us() + s->settings->limits.data_ms * 1000;
    session_set_deadline(s);
}

static void after_data_command(struct session *s)
{
    session_begin_data(s);
    s->state = SESSION_DATA;
    session_reply(s, 354, NULL, "End data with <CR><LF>.<CR><LF>");
}

void session_data(struct session *s)
{
    if (s->tx->mail.rcpt_count == 0)
        session_error(s, 554, "5.5.1", "No valid recipients");
    else
        session_phase(s, CHAIN_DATA, after_data_command);
}

static void keep(struct session *s, struct slice wire, struct slice text)
{
    struct tx *tx = s->tx;
    struct slice body = tx_take_data(tx, &s->settings->limits, wire, text);
    if (tx_hopeless(tx)) {
        spool_free(&tx->spool);
        return;
    }
    if (body.len)
        chain_body(s->chain, body);
    tx->spool_status = spool_append(tx->spool, wire);
}

void session_end_data(struct session *s)
{
    s->state = SESSION_COMMAND;
    s->data_until_us = 0;
    session_set_deadline(s);
    if (!tx_hopeless(s->tx)) {
        struct slice rest = message_finish(&s->tx->message);
        if (rest.len)
            chain_body(s->chain, rest);
    }
    session_message(s);
}

bool session_take_data(struct session *s, struct slice wire, size_t *taken)
{
    bool end = false;
    *taken = 0;
    while (!end) {
        struct smtp_data_run run = smtp_data_next(&s->tx->data, slice_skip(wire, *taken));
        if (run.wire.len || run.text.len)
            keep(s, run.wire, run.text);
        *taken += run.consumed;
        end = run.end;
        if (run.consumed == 0)
            break;
    }
    return end;
}

bool session_data_input(struct session *s)
{
    size_t taken;
    bool end = session_take_data(s, stream_peek(s->client), &taken);
    stream_take(s->client, taken);
    if (end)
        session_end_data(s);
    return end;
}
