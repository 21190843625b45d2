/* policy_decide: walks the rules of a stage until one decides. Pure. */
#include "policy/policy_rules.h"

struct deciding {
    const struct facts *facts;
    struct arena *arena;
    struct decision *out;
    const struct policy_trace *trace; /* or NULL */
    struct policy_effect **last_effect;
    struct policy_shadow **last_shadow;
};

static void note_shadow(struct deciding *d, const struct rule *rule)
{
    struct policy_shadow *s = arena_alloc(d->arena, sizeof *s);
    s->rule = rule->name;
    s->action = rule->action;
    *d->last_shadow = s;
    d->last_shadow = &s->next;
}

static void add_effects(struct deciding *d, const struct rule *rule)
{
    size_t max = rule->action == ACTION_SUBJECT_TAG ? SUBJECT_TAG_MAX : TAG_VALUE_MAX;
    for (const struct rule_effect *asked = rule->effects; asked; asked = asked->next) {
        struct policy_effect *e = arena_alloc(d->arena, sizeof *e);
        e->action = rule->action;
        e->rule = rule->name;
        e->name = asked->name;
        e->value = template_render(&asked->value, d->facts, max, d->arena);
        e->delay_ms = asked->delay_ms;
        *d->last_effect = e;
        d->last_effect = &e->next;
    }
}

static void take_decision(struct deciding *d, const struct rule *rule)
{
    d->out->action = rule->action;
    d->out->rule = rule->name;
    d->out->to = rule->to;
    d->out->reply_code = rule->reply.code;
    if (rule->reply.code == 0)
        return;
    d->out->reply_enhanced = rule->reply.enhanced;
    d->out->reply_text = template_render(&rule->reply.text, d->facts, REPLY_TEXT_MAX, d->arena);
}

static bool matches(const struct deciding *d, const struct rule *rule)
{
    struct condition_look look = {0};
    if (d->trace)
        look.facts = arena_alloc(d->arena, fact_schema_count(d->facts->schema) * sizeof *look.facts);
    bool matched = !rule->when || condition_holds(rule->when, d->facts, &look);
    if (look.gave_up && !d->out->gave_up)
        d->out->gave_up = rule->name;
    struct policy_trial trial = {rule->name, rule->action, rule->shadow, matched, look.gave_up, look.facts, look.count};
    if (d->trace)
        d->trace->tried(d->trace->ctx, &trial);
    return matched;
}

void policy_decide_traced(const struct policy *policy, enum stage stage, const struct facts *facts, bool shadow, struct arena *arena,
                          struct decision *out, const struct policy_trace *trace)
{
    *out = (struct decision){.policy = policy,
                             .action = ACTION_ACCEPT,
                             .shadowed = shadow,
                             .reply_enhanced = SLICE(""),
                             .reply_text = SLICE(""),
                             .to = SLICE("")};
    struct deciding d = {facts, arena, out, trace, &out->effects, &out->shadow};
    for (const struct rule *rule = policy->stages[stage]; rule; rule = rule->next) {
        if (!matches(&d, rule))
            continue;
        if (rule->shadow || (shadow && action_goes_on(rule->action))) {
            note_shadow(&d, rule);
        } else if (action_goes_on(rule->action)) {
            add_effects(&d, rule);
        } else {
            take_decision(&d, rule);
            return;
        }
    }
}

void policy_decide(const struct policy *policy, enum stage stage, const struct facts *facts, bool shadow, struct arena *arena,
                   struct decision *out)
{
    policy_decide_traced(policy, stage, facts, shadow, arena, out, NULL);
}

bool decision_refuses(const struct decision *decision)
{
    return !decision->shadowed && reply_needed(decision->action);
}

int64_t decision_delay_ms(const struct decision *decision)
{
    int64_t sum = 0;
    for (const struct policy_effect *e = decision->effects; e; e = e->next)
        sum += e->delay_ms;
    return sum < DELAY_MS_MAX ? sum : DELAY_MS_MAX;
}

bool decision_milder(const struct decision *a, const struct decision *b)
{
    static const int severity[ACTION_COUNT] = {
        [ACTION_QUARANTINE] = 1, [ACTION_REDIRECT] = 1, [ACTION_DISCARD] = 2,
        [ACTION_TEMPFAIL] = 3,   [ACTION_REJECT] = 4,   [ACTION_DISCONNECT] = 5,
    };
    return severity[a->action] < severity[b->action];
}
