/* tx_data: the message of a transaction as it comes in, and whether it can be taken as such. See tx.h. Pure. */
#include "proxy/session/tx.h"

void tx_start_data(struct tx *tx, const struct settings *settings, void (*on_field)(void *ctx, const struct mail_header *field),
                   void (*on_header_end)(void *ctx), void *ctx)
{
    const struct limit_settings *limits = &settings->limits;
    enum smtp_newline_mode mode = limits->bare_newline == BARE_NEWLINE_NORMALIZE ? SMTP_NEWLINE_NORMALIZE : SMTP_NEWLINE_REJECT;
    tx->in_data = true;
    smtp_data_init(&tx->data, mode, (size_t)limits->data_line);
    message_init(&tx->message, tx->mail.arena, settings->hostname, (size_t)limits->header_size, (size_t)limits->header_fields, on_field,
                 on_header_end, ctx);
}

bool tx_hopeless(const struct tx *tx)
{
    return tx->too_large || tx->data.violation || tx->message.too_large || tx->spool_status != SPOOL_OK;
}

struct slice tx_take_data(struct tx *tx, const struct limit_settings *limits, struct slice wire, struct slice text)
{
    if (tx->size + wire.len > (uint64_t)limits->message_size)
        tx->too_large = true;
    tx->size += wire.len;
    return tx_hopeless(tx) ? SLICE("") : message_feed(&tx->message, wire, text);
}

struct tx_refusal tx_unacceptable(const struct tx *tx, const struct limit_settings *limits)
{
    if (tx->data.violation)
        return (struct tx_refusal){554, "5.6.0", smtp_data_violation_text(tx->data.violation)};
    if (tx->too_large)
        return (struct tx_refusal){552, "5.3.4", "Message is too large"};
    if (tx->message.too_large)
        return (struct tx_refusal){552, "5.3.4", "Header section is too large"};
    if (tx->spool_status == SPOOL_FULL)
        return (struct tx_refusal){452, "4.3.1", "Not enough space for the message, please try again later"};
    if (tx->spool_status != SPOOL_OK)
        return (struct tx_refusal){451, "4.3.0", "Message could not be stored, please try again later"};
    if ((int64_t)tx->message.received_count > limits->received)
        return (struct tx_refusal){554, "5.4.6", "Too many Received fields: a mail loop"};
    return (struct tx_refusal){0};
}
