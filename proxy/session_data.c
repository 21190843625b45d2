/* session_data: DATA and the bytes that follow, up to the final dot.
 *
 * We answer 354 ourselves; the bytes go through smtp_data (line ends, dots), message (header fields), the filters and into the spool.
 * Once the message cannot be accepted any more, its bytes are still read to the end, but kept no longer. */
#include "proxy/session_state.h"

#include "base/clock.h"
#include "proxy/header_value.h"

static bool hopeless(const struct tx *tx)
{
    return tx->too_large || tx->data.violation || tx->message.too_large || tx->spool_status != SPOOL_OK;
}

static void on_field(void *ctx, const struct mail_header *field)
{
    struct session *s = ctx;
    chain_header(s->chain, field);
    for (size_t i = 0; i < s->settings->header_fact_count; i++) {
        int id = s->settings->header_facts[i];
        if (!facts_get(&s->facts, id)->present && slice_eq_nocase(field->name, slice_of(s->settings->header_names[i])))
            facts_set_text(&s->facts, id, header_value_unfold(field->value, s->tx_arena));
    }
}

static void on_header_end(void *ctx)
{
    struct session *s = ctx;
    const struct core_facts *id = &s->settings->core;
    const struct message *m = &s->tx->message;
    facts_set_number(&s->facts, id->from_count, (int64_t)m->from_count);
    facts_set_number(&s->facts, id->received_count, (int64_t)m->received_count);
    facts_set_number(&s->facts, id->header_fields, (int64_t)m->field_count);
    facts_set_text(&s->facts, id->malformed, slice_of(m->malformed ? "yes" : "no"));
    chain_eoh(s->chain);
}

static void start_data(struct session *s)
{
    struct tx *tx = s->tx;
    const struct limit_settings *limits = &s->settings->limits;
    enum smtp_newline_mode mode = limits->bare_newline == BARE_NEWLINE_NORMALIZE ? SMTP_NEWLINE_NORMALIZE : SMTP_NEWLINE_REJECT;
    tx->in_data = true;
    facts_set_number(&s->facts, s->settings->core.rcpt_count, (int64_t)tx->mail.rcpt_count);
    smtp_data_init(&tx->data, mode, (size_t)limits->data_line);
    message_init(&tx->message, s->tx_arena, s->settings->hostname, (size_t)limits->header_size, (size_t)limits->header_fields, on_field,
                 on_header_end, s);
    tx->spool = spool_new(&s->worker->spool);
    s->state = SESSION_DATA;
    s->data_until_us = clock_monotonic_us() + limits->data_ms * 1000;
    session_set_deadline(s);
    session_reply(s, 354, NULL, "End data with <CR><LF>.<CR><LF>");
}

static void after_data_command(struct session *s)
{
    start_data(s);
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
    if (tx->size + wire.len > (uint64_t)s->settings->limits.message_size)
        tx->too_large = true;
    tx->size += wire.len;
    if (hopeless(tx)) {
        spool_free(&tx->spool);
        return;
    }
    struct slice body = message_feed(&tx->message, wire, text);
    if (body.len)
        chain_body(s->chain, body);
    tx->spool_status = spool_append(tx->spool, wire);
}

static void end_data(struct session *s)
{
    s->state = SESSION_COMMAND;
    s->data_until_us = 0;
    session_set_deadline(s);
    if (!hopeless(s->tx)) {
        struct slice rest = message_finish(&s->tx->message);
        if (rest.len)
            chain_body(s->chain, rest);
    }
    session_message(s);
}

bool session_data_input(struct session *s)
{
    struct slice input = stream_peek(s->client);
    size_t taken = 0;
    bool end = false;
    while (!end) {
        struct smtp_data_run run = smtp_data_next(&s->tx->data, slice_skip(input, taken));
        if (run.wire.len || run.text.len)
            keep(s, run.wire, run.text);
        taken += run.consumed;
        end = run.end;
        if (run.consumed == 0)
            break;
    }
    stream_take(s->client, taken);
    if (end)
        end_data(s);
    return end;
}
