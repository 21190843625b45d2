/* policytest_coverage: see policytest_coverage.h. A rule is known by where its name lies in memory: each has one of its own. */
#include "proxy/policytest/policytest_coverage.h"

static void add_rule(struct policytest_suite *suite, const char *policy, const struct policy_listing *listing, struct arena *arena)
{
    if (suite->rule_count % 64 == 0) {
        struct policytest_rule *more = arena_alloc(arena, (suite->rule_count + 64) * sizeof *more);
        if (suite->rule_count)
            memcpy(more, suite->rules, suite->rule_count * sizeof *more);
        suite->rules = more;
    }
    suite->rules[suite->rule_count++] = (struct policytest_rule){.policy = policy, .listing = *listing};
    suite->unreached++;
}

void policytest_coverage_init(struct policytest_suite *suite, struct arena *arena)
{
    const struct settings *s = suite->settings;
    for (size_t i = 0; i < s->policy_count; i++) {
        size_t count;
        const struct policy_listing *list = policy_list_rules(s->policies[i].policy, arena, &count);
        for (size_t j = 0; j < count; j++)
            add_rule(suite, s->policies[i].name, &list[j], arena);
    }
}

const struct policytest_rule *policytest_coverage_find(const struct policytest_suite *suite, const struct rehearsal_trial *trial)
{
    for (size_t i = 0; i < suite->rule_count; i++)
        if (suite->rules[i].listing.rule == trial->rule)
            return &suite->rules[i];
    return NULL;
}

static void reach(struct policytest_suite *suite, const struct rehearsal_trial *trial)
{
    const struct policytest_rule *rule = policytest_coverage_find(suite, trial);
    if (!rule || rule->reached || !trial->matched)
        return;
    suite->rules[rule - suite->rules].reached = true;
    suite->unreached--;
}

void policytest_coverage_note(struct policytest_suite *suite, const struct rehearsal_step *steps)
{
    for (const struct rehearsal_step *step = steps; step; step = step->next)
        for (const struct rehearsal_trial *t = step->trials; t; t = t->next)
            reach(suite, t);
}
