/* session_envelope: MAIL (RFC 5321 §3.3), and what refuses it as well as RCPT. */
#include "proxy/session/session_state.h"

static void tempfail(struct session *s, enum stage stage, const struct tx_refusal *r, const char *error)
{
    struct decision_outcome outcome = {
        .stage = stage, .action = "tempfail", .code = r->code, .enhanced = slice_of(r->enhanced), .error = error};
    decision_log(s, &outcome);
    session_reply(s, r->code, r->enhanced, r->text);
}

bool session_deferred(struct session *s, enum stage stage)
{
    const char *error;
    struct tx_refusal r = tx_undecidable(s->tx, chain_deferred(s->chain), s->line_arena, &error);
    if (!r.code || s->trusted_by)
        return false;
    tempfail(s, stage, &r, error);
    return true;
}

bool session_too_many_errors(struct session *s)
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
    if (!session_too_many_errors(s)) {
        s->errors++;
        tempfail(s, STAGE_MAIL, &refusals[load], load == DNS_LOAD_SHARE ? "too many lookups of this network" : "too many lookups");
    }
    return true;
}

static void after_decision(struct session *s)
{
    if (decision_refuses(&s->decision)) {
        session_refuse(s);
        tx_end(s, false);
    } else
        session_reply(s, 250, "2.1.0", "Ok");
}

static void after_mail(struct session *s)
{
    if (session_deferred(s, STAGE_MAIL))
        tx_end(s, false);
    else
        session_decide(s, STAGE_MAIL, after_decision);
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
