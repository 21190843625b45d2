/* status: see status.h. */
#include "proxy/status/status.h"

#include "policy/policy_shadow.h"

void status_add(const struct status *status, enum status_total which)
{
    stats_add(&status->counters[which], 1);
}

void status_subtract(const struct status *status, enum status_total which)
{
    stats_add(&status->counters[which], UINT64_MAX); /* -1 */
}

static uint64_t *of_listener(const struct status *status, size_t listener, enum status_of_listener which)
{
    return &status->counters[status->plan->listeners + listener * STATUS_OF_LISTENER + which];
}

void status_add_listener(const struct status *status, size_t listener, enum status_of_listener which)
{
    stats_add(of_listener(status, listener, which), 1);
}

void status_subtract_listener(const struct status *status, size_t listener, enum status_of_listener which)
{
    stats_add(of_listener(status, listener, which), UINT64_MAX); /* -1 */
}

void status_set_backend(const struct status *status, size_t number, const uint64_t row[STATUS_OF_BACKEND])
{
    uint64_t *counters = &status->counters[status->plan->backends + number * STATUS_OF_BACKEND];
    for (size_t i = 0; i < STATUS_OF_BACKEND; i++)
        __atomic_store_n(&counters[i], row[i], __ATOMIC_RELAXED);
}

static void add_words(const struct status *status, const struct status_words *w, const struct facts *facts)
{
    const struct fact_value *value = facts_get(facts, w->fact);
    if (!value->present)
        return;
    for (size_t i = 0; w->words[i]; i++)
        if (slice_eq(value->text, slice_of(w->words[i]))) {
            stats_add(&status->counters[w->first + i], 1);
            return;
        }
}

void status_add_facts(const struct status *status, enum stage stage, const struct facts *facts, bool again)
{
    const struct status_plan *plan = status->plan;
    for (size_t i = 0; i < plan->word_count[stage]; i++)
        if (!again || plan->words[stage][i].scope == FACT_RECIPIENT)
            add_words(status, &plan->words[stage][i], facts);
}

static void add_rule(const struct status *status, const char *rule, enum status_of_rule what)
{
    const struct status_plan *plan = status->plan;
    size_t low = 0, high = plan->rule_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)plan->rules[middle].rule < (uintptr_t)rule)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < plan->rule_count && plan->rules[low].rule == rule)
        stats_add(&status->counters[plan->rules[low].first + what], 1);
}

/* A rule with several effects stands several times in a row. */
static void add_rules(const struct status *status, const struct decision *d)
{
    const char *last = NULL;
    for (const struct policy_effect *e = d->effects; e; e = e->next) {
        if (e->rule != last)
            add_rule(status, e->rule, STATUS_MATCHED);
        last = e->rule;
    }
    for (const struct policy_shadow *s = d->shadow; s; s = s->next)
        add_rule(status, s->rule, STATUS_SHADOW);
    if (d->rule)
        add_rule(status, d->rule, d->shadowed ? STATUS_SHADOW : STATUS_MATCHED);
}

static void add_of_stage(const struct status *status, size_t first, const struct decision *d)
{
    uint64_t *counters = status->counters + first;
    stats_add(&counters[STATUS_DECISIONS], 1);
    if (!d->rule)
        stats_add(&counters[STATUS_NO_RULE], 1);
    if (d->candidate)
        stats_add(&counters[policy_differs_outside(d->candidate->differs) ? STATUS_DIFFERS : STATUS_DIFFERS_INSIDE], 1);
}

void status_add_decision(const struct status *status, enum stage stage, const struct decision *decision)
{
    const struct status_plan *plan = status->plan;
    enum action action = decision->shadowed ? ACTION_ACCEPT : decision->action;
    stats_add(&status->counters[plan->actions + (size_t)stage * ACTION_COUNT + action], 1);
    for (size_t i = 0; i < plan->policy_count; i++)
        if (plan->policies[i].policy == decision->policy)
            add_of_stage(status, plan->policies[i].first + (size_t)stage * STATUS_OF_STAGE, decision);
    add_rules(status, decision);
    if (decision->gave_up)
        status_add(status, STATUS_REGEX_GAVE_UP);
}
