/* tx: see tx.h. */
#include "proxy/tx.h"

#include "base/clock.h"
#include "base/mem.h"
#include "proxy/session_state.h"

static struct mail_path copy_path(struct arena *arena, const struct mail_path *path)
{
    return (struct mail_path){
        .null = path->null,
        .local = arena_copy(arena, path->local),
        .domain = arena_copy(arena, path->domain),
        .text = arena_copy(arena, path->text),
        .params = arena_copy(arena, path->params),
    };
}

static void publish_sender(struct session *s, const struct mail_path *sender)
{
    const struct core_facts *id = &s->settings->core;
    facts_set_text(&s->facts, id->mail_from, sender->text);
    if (sender->null)
        return;
    facts_set_text(&s->facts, id->mail_from_domain, sender->domain);
    facts_set_text(&s->facts, id->mail_from_local, sender->local);
}

struct tx *tx_begin(struct session *s, const struct smtp_command *mail)
{
    struct tx *tx = arena_alloc(s->tx_arena, sizeof *tx);
    tx->number = ++s->transactions;
    tx->started_us = clock_monotonic_us();
    tx->mail.arena = s->tx_arena;
    tx->mail.sender = copy_path(s->tx_arena, &mail->path);
    tx->mail.size_declared = mail->size;
    auth_results_init(&tx->results, s->tx_arena);
    tx->answers = dns_map_new(s->tx_arena, (unsigned)s->settings->dns.queries_per_message);
    s->tx = tx;
    publish_sender(s, &tx->mail.sender);
    chain_begin(s->chain, &tx->mail, &tx->results, tx->answers);
    return tx;
}

void tx_accept_rcpt(struct tx *tx)
{
    struct mail_transaction *mail = &tx->mail;
    if (mail->rcpt_count == tx->rcpt_room) {
        size_t room = tx->rcpt_room ? tx->rcpt_room * 2 : 4;
        struct mail_path *more = arena_alloc(mail->arena, room * sizeof *more);
        if (mail->rcpt_count)
            memcpy(more, mail->rcpts, mail->rcpt_count * sizeof *more);
        mail->rcpts = more;
        tx->rcpt_room = room;
    }
    mail->rcpts[mail->rcpt_count++] = mail->rcpt;
}

/* A transaction that comes to nothing leaves its line, too, if a recipient had been accepted. */
static void log_abort(struct session *s)
{
    static const struct decision_outcome data = {.stage = STAGE_DATA, .action = "aborted"},
                                         rcpt = {.stage = STAGE_RCPT, .action = "aborted"};
    if (!s->tx->logged && s->tx->mail.rcpt_count)
        decision_log(s, s->tx->in_data ? &data : &rcpt);
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
