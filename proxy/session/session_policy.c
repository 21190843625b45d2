/* session_policy: asks the policy, remembers trust, holds the reply back if a rule wants it, and refuses. What else a decision means
 * is up to the caller. */
#include "proxy/session/session_state.h"

#include "policy/policy_shadow.h"

enum { LINGER_MS = 2000 };

static bool changes_delivery(const struct decision *d)
{
    bool changes = d->action == ACTION_REDIRECT && !d->shadowed;
    for (const struct policy_effect *e = d->effects; e; e = e->next)
        changes = changes || e->action == ACTION_ADD_RECIPIENT;
    return changes;
}

static void log_early_decision(struct session *s, enum stage stage, const struct decision *d)
{
    bool refused = decision_refuses(d), changes = changes_delivery(d);
    struct decision_outcome outcome = {
        .stage = stage,
        .decision = d,
        .action = d->shadowed ? "accept" : action_name(d->action),
        .code = refused ? d->reply_code : 0,
        .enhanced = d->reply_enhanced,
        .text = d->reply_text,
    };
    bool differs = d->candidate && policy_differs_outside(d->candidate->differs);
    if (refused || changes || differs || d->shadow || (d->shadowed && d->action != ACTION_ACCEPT))
        decision_log(s, &outcome);
}

static void ask(struct session *s, enum stage stage, struct decision *decision)
{
    bool shadow = s->settings->mode == MODE_SHADOW;
    if (stage == STAGE_DATA) {
        tx_decide(s->tx, s->listener, &s->facts, shadow, decision, NULL);
        return;
    }
    const struct policy *policy = stage == STAGE_RCPT ? tx_rcpt_policy(s->tx, s->listener) : s->listener->policy_loaded;
    policy_decide(policy, stage, &s->facts, shadow, s->line_arena, decision);
}

static void count(const struct session *s, enum stage stage, const struct decision *d)
{
    bool again = stage == STAGE_RCPT && s->tx->mail.rcpt_count + s->tx->refused > 0;
    status_add_facts(&s->worker->status, stage, &s->facts, again);
    status_add_decision(&s->worker->status, stage, d);
}

static void decide(struct session *s, enum stage stage, struct decision *decision)
{
    *decision = (struct decision){.action = ACTION_ACCEPT};
    if (s->trusted_by) {
        decision->action = ACTION_TRUST;
        decision->rule = s->trusted_by;
        return;
    }
    ask(s, stage, decision);
    decision->candidate = policy_try_candidate(decision, stage, &s->facts, stage == STAGE_DATA ? s->tx_arena : s->line_arena);
    count(s, stage, decision);
    if (decision->action == ACTION_TRUST && !decision->shadowed) {
        s->trusted_by = decision->rule;
        chain_disable(s->chain);
    }
    if (stage == STAGE_DATA)
        return;
    log_early_decision(s, stage, decision);
    decision->candidate = NULL; /* told once: a further line about the recipient is about the backend */
    decision->shadow = NULL;
}

void session_decide(struct session *s, enum stage stage, session_step_fn after)
{
    struct decision *decision = stage == STAGE_DATA ? &s->tx->decision : &s->decision;
    decide(s, stage, decision);
    session_hold(s, decision, after);
}

void session_refuse(struct session *s)
{
    const struct decision *d = &s->decision;
    session_reply(s, d->reply_code, arena_string(s->line_arena, d->reply_enhanced), arena_string(s->line_arena, d->reply_text));
    if (d->action == ACTION_DISCONNECT)
        session_end(s, LINGER_MS);
}
