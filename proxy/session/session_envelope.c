/* session_envelope: MAIL and RCPT (RFC 5321 §3.3).
 *
 * A recipient that we refuse never touches the backend; for one that we let pass, the backend's own answer goes to the client. */
#include "proxy/session/session_state.h"

#include "proxy/settings/core_facts.h"
#include "proxy/smtp/smtp_reply.h"

static void reply_decision(struct session *s, const struct decision *d)
{
    session_reply(s, d->reply_code, arena_string(s->line_arena, d->reply_enhanced), arena_string(s->line_arena, d->reply_text));
}

static void tempfail(struct session *s, enum stage stage, const struct tx_refusal *r, const char *error)
{
    struct decision_outcome outcome = {
        .stage = stage, .action = "tempfail", .code = r->code, .enhanced = slice_of(r->enhanced), .error = error};
    decision_log(s, &outcome);
    session_reply(s, r->code, r->enhanced, r->text);
}

/* Lookups were refused, or a filter that must not fail has failed: nobody can decide now. True: the client was told. */
static bool deferred(struct session *s, enum stage stage)
{
    const char *error;
    struct tx_refusal r = tx_undecidable(s->tx, chain_deferred(s->chain), s->line_arena, &error);
    if (!r.code || s->trusted_by)
        return false;
    tempfail(s, stage, &r, error);
    return true;
}

static bool too_many_errors(struct session *s)
{
    if (s->errors <= s->settings->limits.errors)
        return false;
    session_error(s, 421, "4.7.0", "Too many errors");
    return true;
}

/* Without lookups a message would pass unchecked: better it comes again. Counts as a mistake, so that nobody asks without end.
 * True: the client was told. */
static bool overloaded(struct session *s, uint64_t asker)
{
    static const struct tx_refusal refusals[] = {
        [DNS_LOAD_SHARE] = {451, "4.7.0", "Too many lookups are under way for your network, please try again later"},
        [DNS_LOAD_FULL] = {451, "4.3.2", "Too many lookups are under way, server is busy, please try again later"},
    };
    enum dns_load_state load = s->trusted_by ? DNS_LOAD_FREE : dns_busy(s->worker->tools.dns, asker);
    if (load == DNS_LOAD_FREE)
        return false;
    if (!too_many_errors(s)) {
        s->errors++;
        tempfail(s, STAGE_MAIL, &refusals[load], load == DNS_LOAD_SHARE ? "too many lookups of this network" : "too many lookups");
    }
    return true;
}

static void after_mail(struct session *s)
{
    struct decision decision;
    if (deferred(s, STAGE_MAIL)) {
        tx_end(s, false);
        return;
    }
    session_decide(s, STAGE_MAIL, &decision);
    if (decision_refuses(&decision)) {
        reply_decision(s, &decision);
        tx_end(s, false);
        return;
    }
    session_reply(s, 250, "2.1.0", "Ok");
}

void session_mail(struct session *s)
{
    int64_t most = s->settings->limits.transactions;
    if (most && (int64_t)s->transactions >= most) {
        session_reply(s, 421, "4.7.0", "Too many messages in one session");
        session_end(s, 0);
        return;
    }
    uint64_t asker = dns_load_asker(&s->mail.client);
    if (overloaded(s, asker))
        return;
    struct tx *tx = tx_begin(s, &s->command);
    dns_map_set_asker(tx->answers, asker);
    session_phase(s, CHAIN_MAIL, after_mail);
}

/* A refused recipient counts as a mistake, so that nobody can try addresses without end. */
static void count_refused(struct session *s)
{
    s->tx->refused++;
    s->errors++;
}

/* Only what is final: a backend that is busy says nothing about the client. */
static void tell_refused(struct session *s, int code)
{
    if (code / 100 == 5)
        chain_event(s->chain, FILTER_RCPT_REFUSED);
}

static void after_rcpt(struct session *s)
{
    struct decision decision;
    if (deferred(s, STAGE_RCPT)) {
        count_refused(s);
        return;
    }
    session_decide(s, STAGE_RCPT, &decision);
    if (decision_refuses(&decision)) {
        reply_decision(s, &decision);
        count_refused(s);
        tell_refused(s, decision.reply_code);
        return;
    }
    session_wait(s);
    delivery_rcpt(s->delivery, &s->tx->mail);
}

void session_rcpt(struct session *s)
{
    if (too_many_errors(s))
        return;
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
static void relay(struct session *s, const struct smtp_reply *reply)
{
    struct smtp_reply copy = *reply;
    struct buf out = {0};
    if (copy.code == 421)
        copy.code = 451;
    smtp_reply_format(&copy, &out);
    session_write(s, buf_slice(&out));
    buf_release(&out);
}

void session_rcpt_answered(struct session *s, const struct smtp_reply *reply)
{
    relay(s, reply);
    if (reply->code / 100 == 2)
        tx_accept_rcpt(s->tx);
    else {
        struct decision_outcome outcome = {
            .stage = STAGE_RCPT, .action = "refused by backend", .code = reply->code, .backend_reply = reply->lines[0]};
        decision_log(s, &outcome);
        count_refused(s);
        tell_refused(s, reply->code);
    }
}

void session_rcpt_failed(struct session *s, const char *why)
{
    struct decision_outcome outcome = {.stage = STAGE_RCPT, .action = "tempfail", .code = 450, .enhanced = SLICE("4.3.2"), .error = why};
    decision_log(s, &outcome);
    session_reply(s, 450, "4.3.2", "Mail system is not available, please try again later");
    count_refused(s);
}
