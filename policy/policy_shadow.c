/* policy_shadow: see policy_shadow.h. */
#include "policy/policy_shadow.h"

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_reply(const struct decision *a, const struct decision *b)
{
    return a->reply_code == b->reply_code && slice_eq(a->reply_enhanced, b->reply_enhanced) && slice_eq(a->reply_text, b->reply_text);
}

static bool same_effects(const struct policy_effect *a, const struct policy_effect *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (a->action != b->action || a->delay_ms != b->delay_ms || !slice_eq(a->name, b->name) || !slice_eq(a->value, b->value))
            return false;
    return !a && !b;
}

unsigned policy_compare(const struct decision *a, const struct decision *b)
{
    unsigned differs = 0;
    if (a->action != b->action)
        differs |= DIFFERS_ACTION;
    if (!same_text(a->rule, b->rule))
        differs |= DIFFERS_RULE;
    if (!same_reply(a, b))
        differs |= DIFFERS_REPLY;
    if (!slice_eq(a->to, b->to))
        differs |= DIFFERS_TARGET;
    if (!same_effects(a->effects, b->effects))
        differs |= DIFFERS_EFFECTS;
    return differs;
}

bool policy_differs_outside(unsigned differs)
{
    return (differs & ~(unsigned)DIFFERS_RULE) != 0;
}

/* ---- what the difference hangs on ---- */

struct watching {
    const char *rule;
    struct arena *arena;
    int *facts;
    size_t count;
};

static void on_trial(void *ctx, const struct policy_trial *trial)
{
    struct watching *w = ctx;
    if (trial->rule != w->rule || trial->fact_count == 0)
        return;
    w->facts = arena_alloc(w->arena, trial->fact_count * sizeof *w->facts);
    memcpy(w->facts, trial->facts, trial->fact_count * sizeof *w->facts);
    w->count = trial->fact_count;
}

static void note_facts(struct policy_difference *d, const struct policy *candidate, enum stage stage, const struct facts *facts,
                       struct arena *arena)
{
    struct watching w = {.rule = d->other.rule ? d->other.rule : d->live.rule, .arena = arena};
    struct policy_trace trace = {on_trial, &w};
    struct decision again;
    policy_decide_traced(d->other.rule ? candidate : d->live.policy, stage, facts, false, arena, &again, &trace);
    d->saw = w.facts;
    d->saw_count = w.count;
}

const struct policy_difference *policy_try_candidate(const struct decision *live, enum stage stage, const struct facts *facts,
                                                     struct arena *arena)
{
    const struct policy *candidate = policy_candidate(live->policy);
    struct policy_difference d = {.live = *live};
    if (!candidate)
        return NULL;
    if (live->shadowed)
        policy_decide(live->policy, stage, facts, false, arena, &d.live);
    policy_decide(candidate, stage, facts, false, arena, &d.other);
    d.differs = policy_compare(&d.live, &d.other);
    if (!d.differs)
        return NULL;
    d.candidate = policy_name(candidate);
    note_facts(&d, candidate, stage, facts, arena);
    struct policy_difference *kept = arena_alloc(arena, sizeof *kept);
    *kept = d;
    return kept;
}
