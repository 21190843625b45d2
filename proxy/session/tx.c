/* tx: see tx.h. */
#include "proxy/session/tx.h"

#include "base/clock.h"
#include "proxy/session/session_state.h"
#include "proxy/settings/core_facts.h"

struct tx *tx_begin(struct session *s, const struct smtp_command *mail)
{
    struct tx *tx = tx_new(s->tx_arena, mail, (unsigned)s->settings->dns.queries_per_message);
    tx->number = ++s->transactions;
    tx->started_us = clock_monotonic_us();
    s->tx = tx;
    core_facts_publish_sender(s->settings, &tx->mail.sender, s->tx_arena, &s->facts);
    chain_begin(s->chain, &tx->mail, &tx->results, tx->answers);
    return tx;
}

/* A transaction that comes to nothing leaves its line, too, if a recipient had been accepted. */
static void log_abort(struct session *s)
{
    bool unconfirmed = delivery_dot_sent(s->delivery);
    struct decision_outcome outcome = {
        .stage = s->tx->in_data ? STAGE_DATA : STAGE_RCPT,
        .action = unconfirmed ? "unconfirmed" : "aborted",
        .error = unconfirmed ? "session ended before the backend confirmed the message" : NULL,
    };
    if (!s->tx->logged && s->tx->mail.rcpt_count)
        decision_log(s, &outcome);
}

void tx_end(struct session *s, bool completed)
{
    struct tx *tx = s->tx;
    if (!tx)
        return;
    log_abort(s);
    chain_end(s->chain, completed);
    delivery_reset(s->delivery);
    spool_free(&tx->spool);
    buf_release(&tx->head);
    buf_release(&tx->message.field);
    facts_clear_scope(&s->facts, FACT_RECIPIENT);
    facts_clear_scope(&s->facts, FACT_TRANSACTION);
    s->tx = NULL;
    if (s->state == SESSION_DATA)
        s->state = SESSION_COMMAND;
    if (s->data_until_us) {
        s->data_until_us = 0;
        session_set_deadline(s);
    }
    arena_clear(s->tx_arena);
}
