/* session_policy: asks the policy, and remembers trust. What a decision means for the client is up to the caller. */
#include "proxy/session/session_state.h"

#include "policy/policy_shadow.h"

static void log_early_decision(struct session *s, enum stage stage, const struct decision *d)
{
    bool refused = decision_refuses(d);
    struct decision_outcome outcome = {
        .stage = stage,
        .decision = d,
        .action = refused ? action_name(d->action) : "accept",
        .code = refused ? d->reply_code : 0,
        .enhanced = d->reply_enhanced,
        .text = d->reply_text,
    };
    if (refused || d->shadow || (d->candidate && policy_differs_outside(d->candidate->differs)) || (d->shadowed && d->action != ACTION_ACCEPT))
        decision_log(s, &outcome);
}

static void count(const struct session *s, const struct policy *policy, enum stage stage, const struct decision *d)
{
    bool again = stage == STAGE_RCPT && s->tx->mail.rcpt_count + s->tx->refused > 0;
    status_add_facts(&s->worker->status, stage, &s->facts, again);
    status_add_decision(&s->worker->status, policy, stage, d);
}

void session_decide(struct session *s, enum stage stage, struct decision *decision)
{
    *decision = (struct decision){.action = ACTION_ACCEPT};
    if (s->trusted_by) {
        decision->action = ACTION_TRUST;
        decision->rule = s->trusted_by;
        return;
    }
    struct arena *arena = stage == STAGE_DATA ? s->tx_arena : s->line_arena;
    const struct policy *policy = s->listener->policy_loaded;
    policy_decide(policy, stage, &s->facts, s->settings->mode == MODE_SHADOW, arena, decision);
    decision->candidate = policy_try_candidate(policy, stage, &s->facts, decision, arena);
    count(s, policy, stage, decision);
    if (decision->action == ACTION_TRUST && !decision->shadowed) {
        s->trusted_by = decision->rule;
        chain_disable(s->chain);
    }
    if (stage != STAGE_DATA)
        log_early_decision(s, stage, decision);
}
