/* policy_candidate: finds the candidate of each policy, once all are read. */
#include "policy/policy_rules.h"

static void complain(const struct policy *policy, struct policy *const *policies, size_t count, const struct policy_context *context)
{
    const struct conf_node *node = policy->candidate_node;
    const char **names = arena_alloc(context->arena, count * sizeof *names);
    size_t others = 0;
    for (size_t i = 0; i < count; i++)
        if (policies[i] != policy)
            names[others++] = policies[i]->name;
    const char *near = conf_nearest(node->text, names, others);
    struct slice shown = slice_first(node->text, 80);
    conf_error_at(context->errors, node, "there is no policy \"%.*s\" under policies%s%s%s", SLICE_FMT(shown),
                  near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void join(struct policy *policy, struct policy *const *policies, size_t count, const struct policy_context *context)
{
    const struct conf_node *node = policy->candidate_node;
    if (slice_eq(node->text, slice_of(policy->name))) {
        conf_error_at(context->errors, node, "a policy cannot be its own candidate");
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (slice_eq(node->text, slice_of(policies[i]->name)))
            policy->candidate = policies[i];
    if (!policy->candidate)
        complain(policy, policies, count, context);
    else if (policy->candidate->candidate_node)
        conf_warning_at(context->errors, node, "\"%s\" has a candidate of its own, which is not decided here", policy->candidate->name);
}

void policy_join_candidates(struct policy *const *policies, size_t count, const struct policy_context *context)
{
    for (size_t i = 0; i < count; i++)
        if (policies[i]->candidate_node)
            join(policies[i], policies, count, context);
}

const struct policy *policy_candidate(const struct policy *policy)
{
    return policy->candidate;
}
