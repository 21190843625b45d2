/* policy_listing: what rules there are. Pure. */
#include "policy/policy_rules.h"

static size_t count_rules(const struct policy *policy)
{
    size_t count = 0;
    for (size_t stage = 0; stage < STAGE_COUNT; stage++)
        for (const struct rule *r = policy->stages[stage]; r; r = r->next)
            count++;
    return count;
}

const struct policy_listing *policy_list_rules(const struct policy *policy, struct arena *arena, size_t *count)
{
    struct policy_listing *list = arena_alloc(arena, count_rules(policy) * sizeof *list);
    *count = 0;
    for (size_t stage = 0; stage < STAGE_COUNT; stage++)
        for (const struct rule *r = policy->stages[stage]; r; r = r->next)
            list[(*count)++] = (struct policy_listing){(enum stage)stage, r->name, r->node->file, r->node->line};
    return list;
}
