/* session_message: the end of a message: can it be taken, what does the policy say, what does the backend say.
 *
 * The client hears 250 only after the backend's own 250 for the final dot. */
#include "proxy/session/session_state.h"

#include "base/clock.h"
#include "proxy/smtp/message_head.h"
#include "proxy/smtp/smtp_reply.h"
#include "proxy/smtp/trace.h"

enum { LINGER_MS = 2000 };

/* Answers, logs and ends the transaction. */
static void refuse(struct session *s, const struct tx_refusal *r, const char *action, const struct decision *d, const char *error)
{
    struct decision_outcome outcome = {
        .stage = STAGE_DATA,
        .decision = d,
        .action = action,
        .code = r->code,
        .enhanced = slice_of(r->enhanced),
        .text = slice_of(r->text),
        .error = error,
    };
    session_reply(s, r->code, r->enhanced, r->text);
    decision_log(s, &outcome);
    tx_end(s, false);
}

static void build_head(struct session *s)
{
    struct tx *tx = s->tx;
    char *id = arena_format(s->tx_arena, "%s.%u", s->id, tx->number);
    message_head_add_marks(&tx->head, &tx->decision, &tx->message, &tx->mail);
    if (!s->trusted_by)
        auth_results_format_fields(&tx->results, &tx->head); /* Received-SPF stands above Received (RFC 7208 §9.1) */
    trace_received(&tx->head, &s->mail, &tx->mail, id, clock_unix_ms());
    if (!s->trusted_by)
        auth_results_format(&tx->results, s->settings->hostname, &tx->head);
}

/* A message that ought to be signed and is not would be refused elsewhere, where nobody can mend it. */
static void after_signing(struct session *s)
{
    static const struct tx_refusal unreadable = {451, "4.3.0", "Message could not be read back, please try again later"};
    static const struct tx_refusal failed = {451, "4.3.0", "Message could not be signed, please try again later"};
    struct tx *tx = s->tx;
    if (tx->spool_status != SPOOL_OK) {
        refuse(s, &unreadable, "tempfail", &tx->decision, "spool could not be read");
    } else if (tx->signatures.failed) {
        refuse(s, &failed, "tempfail", &tx->decision, tx->signatures.unsigned_why);
    } else {
        session_wait(s);
        delivery_send(s->delivery, &tx->envelope, &tx->delivery);
    }
}

static void deliver(struct session *s)
{
    struct tx *tx = s->tx;
    build_head(s);
    tx_plan_message(tx, &tx->decision);
    tx->delivery = (struct delivery_message){
        .head = buf_slice(&tx->head), .spool = tx->spool, .edits = message_edit_list(&tx->message, &tx->decision, s->tx_arena)};
    session_sign(s, after_signing);
}

static void discard(struct session *s)
{
    struct decision_outcome outcome = {.stage = STAGE_DATA,
                                       .decision = &s->tx->decision,
                                       .action = "discard",
                                       .code = 250,
                                       .enhanced = SLICE("2.0.0"),
                                       .text = SLICE("Ok")};
    session_reply(s, 250, "2.0.0", "Ok");
    decision_log(s, &outcome);
    tx_end(s, false);
}

static void refuse_by_policy(struct session *s)
{
    const struct decision *d = &s->tx->decision;
    bool disconnect = d->action == ACTION_DISCONNECT;
    const struct tx_refusal r = {d->reply_code, arena_string(s->tx_arena, d->reply_enhanced), arena_string(s->tx_arena, d->reply_text)};
    refuse(s, &r, action_name(d->action), d, NULL);
    if (disconnect)
        session_end(s, LINGER_MS);
}

static void after_decision(struct session *s)
{
    const struct decision *d = &s->tx->decision;
    if (decision_refuses(d))
        refuse_by_policy(s);
    else if (d->action == ACTION_DISCARD && !d->shadowed)
        discard(s);
    else
        deliver(s);
}

static void after_eom(struct session *s)
{
    const char *error;
    struct tx_refusal r = tx_undecidable(s->tx, chain_deferred(s->chain), s->tx_arena, &error);
    if (r.code && !s->trusted_by)
        refuse(s, &r, "tempfail", NULL, error);
    else
        session_decide(s, STAGE_DATA, after_decision);
}

void session_message(struct session *s)
{
    struct tx_refusal r = tx_unacceptable(s->tx, &s->settings->limits);
    if (r.code) {
        refuse(s, &r, r.code < 500 ? "tempfail" : "reject", NULL, NULL);
        return;
    }
    facts_set_number(&s->facts, s->settings->core.size, (int64_t)s->tx->size);
    session_phase(s, CHAIN_EOM, after_eom);
}

void session_message_answered(struct session *s, const struct smtp_reply *reply)
{
    bool accepted = reply->code / 100 == 2;
    struct smtp_reply copy = *reply;
    struct buf out = {0};
    if (copy.code == 421)
        copy.code = 451;
    smtp_reply_format(&copy, &out);
    session_write(s, buf_slice(&out));
    buf_release(&out);
    const char *action = s->tx->decision.shadowed ? "accept" : action_name(s->tx->decision.action);
    struct decision_outcome outcome = {
        .stage = STAGE_DATA,
        .decision = &s->tx->decision,
        .action = accepted ? action : "refused by backend",
        .code = copy.code,
        .backend_reply = reply->lines[0],
    };
    decision_log(s, &outcome);
    tx_end(s, accepted);
}

void session_message_failed(struct session *s, enum delivery_failure failure, const char *why)
{
    static const struct tx_refusal refusals[] = {
        [DELIVERY_UNAVAILABLE] = {451, "4.3.2", "Mail system is not available, please try again later"},
        [DELIVERY_BUSY] = {451, "4.3.2", "Mail system is busy, please try again later"},
        [DELIVERY_UNCONFIRMED] = {451, "4.4.2", "Mail system did not confirm the message, please try again later"},
        [DELIVERY_SPOOL] = {451, "4.3.0", "Message could not be read back, please try again later"},
        [DELIVERY_ABANDONED] = {451, "4.4.2", "Client went away"},
        [DELIVERY_MAILBOX] = {451, "4.3.0", "Message could not be passed on, please try again later"},
    };
    static const struct tx_refusal login_lost = {451, "4.3.2", SESSION_LOGIN_LOST};
    if (failure == DELIVERY_UNAVAILABLE && delivery_login_lost(s->delivery)) {
        refuse(s, &login_lost, "tempfail", &s->tx->decision, why);
        session_end(s, LINGER_MS);
        return;
    }
    refuse(s, &refusals[failure], failure == DELIVERY_UNCONFIRMED ? "unconfirmed" : "tempfail", &s->tx->decision, why);
}
