/* tx_policy: which policy judges whom, who may come in one transaction, and one decision for all of them. See tx.h. Pure.
 *
 * One reply answers DATA for all recipients. Those for whom stage data may decide otherwise are of another class: they are sent away to
 * come in a transaction of their own, or, where both policies are lenient, mixed. */
#include "proxy/session/tx.h"

#include "proxy/settings/rcpt_route.h"

const struct policy *tx_rcpt_policy(const struct tx *tx, const struct listener_settings *listener)
{
    const struct rcpt_route *route = rcpt_route_find(listener, tx->mail.rcpt.text);
    return route ? route->policy_loaded : listener->policy_loaded;
}

size_t tx_rcpt_backend(const struct tx *tx, const struct listener_settings *listener)
{
    const struct rcpt_route *route = rcpt_route_find(listener, tx->mail.rcpt.text);
    return route ? route->backend_index : listener->backend_index;
}

bool tx_leaves_backend(const struct tx *tx, const struct listener_settings *listener)
{
    return tx->mail.rcpt_count && tx_rcpt_backend(tx, listener) != tx->backend;
}

static const struct tx_class *find_class(const struct tx *tx, const struct tx_class *like)
{
    for (const struct tx_class *c = tx->classes; c; c = c->next)
        if (c->policy == like->policy && slice_eq(c->rcpts, like->rcpts))
            return c;
    return NULL;
}

bool tx_classify_rcpt(struct tx *tx, const struct listener_settings *listener, const struct facts *facts)
{
    const struct policy *policy = tx_rcpt_policy(tx, listener);
    tx->rcpt_class = (struct tx_class){.policy = policy, .rcpts = policy_rcpt_class(policy, facts, tx->mail.arena)};
    if (!tx->classes || find_class(tx, &tx->rcpt_class))
        return true;
    if (policy_split(policy) == POLICY_SPLIT_LENIENT && policy_split(tx->classes->policy) == POLICY_SPLIT_LENIENT)
        return true;
    tx->rcpt_class.policy = NULL;
    return false;
}

struct tx_refusal tx_split(struct tx *tx)
{
    tx->deferred++;
    return (struct tx_refusal){452, "4.5.3", "This recipient comes in a transaction of its own, please send the message to it again"};
}

void tx_join_class(struct tx *tx, const struct facts *facts)
{
    struct tx_class **last = &tx->classes;
    if (!tx->rcpt_class.policy || find_class(tx, &tx->rcpt_class))
        return;
    while (*last)
        last = &(*last)->next;
    *last = arena_alloc(tx->mail.arena, sizeof **last);
    **last = tx->rcpt_class;
    (*last)->facts = facts_save_scope(facts, FACT_RECIPIENT, tx->mail.arena);
}

/* The facts of a class's recipients; over them what was found for all of them since, at the end of the message. */
static void recall(struct facts *facts, const struct tx_class *c, const struct facts_saved *late)
{
    facts_restore_scope(facts, FACT_RECIPIENT, c->facts);
    facts_put_saved(facts, late);
}

void tx_decide(const struct tx *tx, const struct listener_settings *listener, struct facts *facts, bool shadow, struct decision *out,
               const struct policy_trace *trace)
{
    const struct facts_saved *late = facts_save_scope(facts, FACT_RECIPIENT, tx->mail.arena);
    const struct tx_class *chosen = NULL;
    if (!tx->classes)
        policy_decide_traced(listener->policy_loaded, STAGE_DATA, facts, shadow, tx->mail.arena, out, trace);
    for (const struct tx_class *c = tx->classes; c; c = c->next) {
        struct decision decision;
        recall(facts, c, late);
        policy_decide_traced(c->policy, STAGE_DATA, facts, shadow, tx->mail.arena, &decision, trace);
        if (chosen && !decision_milder(&decision, out))
            continue;
        *out = decision;
        chosen = c;
    }
    if (chosen)
        recall(facts, chosen, late);
}
