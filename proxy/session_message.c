/* session_message: the end of a message: can it be taken, what does the policy say, what does the backend say.
 *
 * The client hears 250 only after the backend's own 250 for the final dot. */
#include "proxy/session_state.h"

#include "base/clock.h"
#include "proxy/smtp_reply.h"
#include "proxy/trace.h"

struct refusal {
    int code;
    const char *enhanced, *text;
};

/* Answers, logs and ends the transaction. */
static void refuse(struct session *s, const struct refusal *r, const char *action, const struct decision *d, const char *error)
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

/* Why the message as such cannot be taken; code 0: it can. */
static struct refusal unacceptable(const struct session *s)
{
    const struct tx *tx = s->tx;
    if (tx->data.violation)
        return (struct refusal){554, "5.6.0", smtp_data_violation_text(tx->data.violation)};
    if (tx->too_large)
        return (struct refusal){552, "5.3.4", "Message is too large"};
    if (tx->message.too_large)
        return (struct refusal){552, "5.3.4", "Header section is too large"};
    if (tx->spool_status == SPOOL_FULL)
        return (struct refusal){452, "4.3.1", "Not enough space for the message, please try again later"};
    if (tx->spool_status != SPOOL_OK)
        return (struct refusal){451, "4.3.0", "Message could not be stored, please try again later"};
    if ((int64_t)tx->message.received_count > s->settings->limits.received)
        return (struct refusal){554, "5.4.6", "Too many Received fields: a mail loop"};
    return (struct refusal){0};
}

/* Marks of the policy, then trace fields. */
static void build_head(struct session *s)
{
    struct tx *tx = s->tx;
    for (const struct policy_header *h = tx->decision.headers; h; h = h->next) {
        buf_add(&tx->head, h->name);
        buf_add_text(&tx->head, ": ");
        buf_add(&tx->head, h->value);
        buf_add_text(&tx->head, "\r\n");
    }
    if (tx->decision.action == ACTION_QUARANTINE && !tx->decision.shadowed)
        buf_add_format(&tx->head, "X-Mailweir-Quarantine: %s\r\n", tx->decision.rule);
    if (!s->trusted_by)
        auth_results_format_fields(&tx->results, &tx->head); /* Received-SPF stands above Received (RFC 7208 §9.1) */
    char *id = arena_format(s->tx_arena, "%s.%u", s->id, tx->number);
    trace_received(&tx->head, &s->mail, &tx->mail, id, clock_unix_ms());
    if (!s->trusted_by)
        auth_results_format(&tx->results, s->settings->hostname, &tx->head);
}

static void deliver(struct session *s)
{
    struct tx *tx = s->tx;
    build_head(s);
    tx->delivery = (struct delivery_message){.head = buf_slice(&tx->head), .spool = tx->spool, .skip = tx->message.forged};
    session_wait(s);
    delivery_send(s->delivery, &tx->mail, &tx->delivery);
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

static void after_eom(struct session *s)
{
    struct tx *tx = s->tx;
    const char *filter = chain_deferred(s->chain);
    if (filter && !s->trusted_by) {
        struct refusal r = {451, "4.3.0", arena_format(s->tx_arena, "Check %s is not available, please try again later", filter)};
        refuse(s, &r, "tempfail", NULL, "filter failed");
        return;
    }
    session_decide(s, STAGE_DATA, &tx->decision);
    if (session_refused(&tx->decision)) {
        struct refusal r = {tx->decision.reply_code, arena_string(s->tx_arena, tx->decision.reply_enhanced),
                            arena_string(s->tx_arena, tx->decision.reply_text)};
        refuse(s, &r, action_name(tx->decision.action), &tx->decision, NULL);
    } else if (tx->decision.action == ACTION_DISCARD && !tx->decision.shadowed)
        discard(s);
    else
        deliver(s);
}

void session_message(struct session *s)
{
    struct refusal r = unacceptable(s);
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
    static const struct refusal refusals[] = {
        [DELIVERY_UNAVAILABLE] = {451, "4.3.2", "Mail system is not available, please try again later"},
        [DELIVERY_UNCONFIRMED] = {451, "4.4.2", "Mail system did not confirm the message, please try again later"},
        [DELIVERY_SPOOL] = {451, "4.3.0", "Message could not be read back, please try again later"},
        [DELIVERY_ABANDONED] = {451, "4.4.2", "Client went away"},
    };
    refuse(s, &refusals[failure], failure == DELIVERY_UNCONFIRMED ? "unconfirmed" : "tempfail", &s->tx->decision, why);
}
