/* session_rcpt: RCPT (RFC 5321 §3.3): may this recipient come, and does the backend take it.
 *
 * A recipient that we refuse never touches the backend; for one that we let pass, the backend's own answer goes to the client. Where
 * the policy chose the mailbox, the client hears our words instead: they must not tell it where its mail goes. */
#include "proxy/session/session_state.h"

#include "proxy/settings/core_facts.h"
#include "proxy/smtp/smtp_reply.h"

enum { LINGER_MS = 2000 };

/* A refused recipient counts as a mistake, so that nobody can try addresses without end. */
static void count_refused(struct session *s)
{
    s->tx->refused++;
    status_add(&s->worker->status, STATUS_RECIPIENTS_REFUSED);
    s->errors++;
}

/* Only what is final: a backend that is busy says nothing about the client. */
static void tell_refused(struct session *s, int code)
{
    if (code / 100 == 5)
        chain_event(s->chain, FILTER_RCPT_REFUSED);
}

/* The client's recipient, and all that comes with it, is accepted. */
static void accept_rcpt(struct session *s)
{
    if (s->rcpt_reply.len)
        session_write(s, s->rcpt_reply);
    else
        session_reply(s, 250, "2.1.5", "Ok");
    tx_accept_rcpt(s->tx, &s->facts);
    status_add(&s->worker->status, STATUS_RECIPIENTS_ACCEPTED);
}

static void offer_next(struct session *s)
{
    const struct delivery_mailbox *mailbox = tx_next_offer(s->tx);
    if (!mailbox) {
        accept_rcpt(s);
        return;
    }
    session_wait(s);
    delivery_offer(s->delivery, &s->tx->envelope, mailbox);
}

/* Another one was accepted for whom stage data may decide otherwise, or whose backend is another one. In shadow nobody is sent away because
 * of the policy. */
static bool must_split(struct session *s)
{
    if (tx_leaves_backend(s->tx, s->listener))
        return true;
    if (s->trusted_by)
        return false;
    return !tx_classify_rcpt(s->tx, s->listener, &s->facts) && s->settings->mode != MODE_SHADOW;
}

static void split(struct session *s)
{
    struct tx_refusal r = tx_split(s->tx);
    struct decision_outcome outcome = {
        .stage = STAGE_RCPT, .action = "split", .code = r.code, .enhanced = slice_of(r.enhanced), .text = slice_of(r.text)};
    decision_log(s, &outcome);
    session_reply(s, r.code, r.enhanced, r.text);
}

static void after_decision(struct session *s)
{
    if (decision_refuses(&s->decision)) {
        count_refused(s);
        tell_refused(s, s->decision.reply_code);
        session_tarpit(s, session_refuse);
        return;
    }
    if (must_split(s)) {
        split(s);
        return;
    }
    s->rcpt_reply = SLICE("");
    session_backend_choose(s);
    tx_plan_rcpt(s->tx, &s->decision);
    offer_next(s);
}

static void after_rcpt(struct session *s)
{
    if (session_deferred(s, STAGE_RCPT))
        count_refused(s);
    else
        session_decide(s, STAGE_RCPT, after_decision);
}

void session_rcpt(struct session *s)
{
    if (session_too_many_errors(s))
        return;
    if (s->command.path.utf8 && !s->tx->mail.utf8) {
        session_error(s, 553, "5.6.7", "An address beyond ASCII needs SMTPUTF8 in MAIL");
        return;
    }
    struct tx_refusal full = tx_full(s->tx, &s->settings->limits);
    if (full.code) {
        session_reply(s, full.code, full.enhanced, full.text);
        s->errors++;
        return;
    }
    tx_offer_rcpt(s->tx, &s->command.path);
    core_facts_publish_rcpt(s->settings, &s->tx->mail, &s->facts);
    session_phase(s, CHAIN_RCPT, after_rcpt);
}

/* 421 speaks of the backend's connection, not of ours: to the client it is a temporary failure of this command. */
static struct slice client_form(const struct session *s, const struct smtp_reply *reply)
{
    struct smtp_reply copy = *reply;
    struct buf out = {0};
    if (copy.code == 421)
        copy.code = 451;
    smtp_reply_format(&copy, &out);
    struct slice text = arena_copy(s->line_arena, buf_slice(&out));
    buf_release(&out);
    return text;
}

static void refuse_own(struct session *s, const struct smtp_reply *reply)
{
    struct decision_outcome outcome = {
        .stage = STAGE_RCPT, .action = "refused by backend", .code = reply->code, .backend_reply = reply->lines[0]};
    decision_log(s, &outcome);
    s->held = client_form(s, reply);
}

/* It may not be lost silently, and a permanent refusal would say that the client's own recipient does not exist. */
static void refuse_chosen(struct session *s, const struct delivery_mailbox *mailbox, const struct smtp_reply *reply)
{
    const char *error = arena_format(s->line_arena, "backend refused <%.*s>, which the policy chose", SLICE_FMT(mailbox->path.text));
    struct decision_outcome outcome = {.stage = STAGE_RCPT,
                                       .decision = &s->decision,
                                       .action = "tempfail",
                                       .code = 451,
                                       .enhanced = SLICE("4.3.0"),
                                       .text = SLICE("Recipient cannot be served now, please try again later"),
                                       .backend_reply = reply->lines[0],
                                       .error = error};
    decision_log(s, &outcome);
    struct buf line = {0};
    smtp_reply_make(&line, 451, "4.3.0", outcome.text);
    s->held = arena_copy(s->line_arena, buf_slice(&line));
    buf_release(&line);
}

void session_rcpt_answered(struct session *s, const struct smtp_reply *reply)
{
    const struct delivery_mailbox *mailbox = tx_next_offer(s->tx);
    if (reply->code / 100 == 2) {
        if (!mailbox->chosen)
            s->rcpt_reply = client_form(s, reply);
        s->tx->offered++;
        offer_next(s);
        return;
    }
    tx_drop_offers(s->tx);
    if (mailbox->chosen && !delivery_sender_refused(s->delivery))
        refuse_chosen(s, mailbox, reply);
    else {
        refuse_own(s, reply);
        tell_refused(s, reply->code);
    }
    count_refused(s);
    session_tarpit(s, session_say_held);
}

void session_rcpt_failed(struct session *s, enum delivery_failure failure, const char *why)
{
    bool login_lost = delivery_login_lost(s->delivery);
    int code = login_lost ? 451 : 450;
    const char *text = login_lost                 ? SESSION_LOGIN_LOST
                       : failure == DELIVERY_BUSY ? "Mail system is busy, please try again later"
                                                  : "Mail system is not available, please try again later";
    struct decision_outcome outcome = {.stage = STAGE_RCPT, .action = "tempfail", .code = code, .enhanced = SLICE("4.3.2"), .error = why};
    decision_log(s, &outcome);
    session_reply(s, code, "4.3.2", text);
    tx_drop_offers(s->tx);
    count_refused(s);
    if (login_lost)
        session_end(s, LINGER_MS);
}
