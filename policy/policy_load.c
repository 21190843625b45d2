/* policy_load: reads one policy: its stages, and what its rules must be among each other: named once, and reachable. */
#include "policy/policy_rule.h"

/** The rule of that name in any stage read so far. */
static const struct rule *find_rule(const struct policy *policy, const char *name)
{
    for (size_t stage = 0; stage < STAGE_COUNT; stage++)
        for (const struct rule *r = policy->stages[stage]; r; r = r->next)
            if (strcmp(r->name, name) == 0)
                return r;
    return NULL;
}

static void check_name(struct policy_loader *l, const struct policy *policy, const struct rule *rule)
{
    const struct rule *other = find_rule(policy, rule->name);
    if (other)
        conf_error_at(l->errors, conf_get(rule->node, "rule"), "there is a rule \"%s\" already, in line %u", rule->name, other->node->line);
}

/** Whether nothing behind it can ever be reached. */
static bool ends_stage(const struct rule *rule)
{
    return !rule->shadow && !action_goes_on(rule->action) && !conf_get(rule->node, "when");
}

static void load_stage(struct policy_loader *l, struct policy *policy, const struct conf_node *node)
{
    struct rule **last = &policy->stages[l->stage];
    const struct rule *end = NULL;
    if (conf_is_null(node))
        return;
    if (node->kind != CONF_LIST) {
        conf_error_at(l->errors, node, "a list of rules is needed, not %s", conf_kind_name(node->kind));
        return;
    }
    for (const struct conf_node *n = node->children; n; n = n->next) {
        struct rule *rule = rule_load(l, n);
        if (!rule)
            continue;
        if (end)
            conf_warning_at(l->errors, n, "rule \"%s\" is never reached: rule \"%s\" before it has no condition", rule->name, end->name);
        else if (ends_stage(rule))
            end = rule;
        check_name(l, policy, rule);
        *last = rule;
        last = &rule->next;
    }
}

static int stage_of(struct slice key)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        if (slice_eq(key, slice_of(stage_name((enum stage)stage))))
            return stage;
    return -1;
}

static void unknown_stage(struct policy_loader *l, const struct conf_node *node)
{
    const char *names[STAGE_COUNT];
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        names[stage] = stage_name((enum stage)stage);
    policy_loader_unknown(l, node, AT_KEY, "stage", names, STAGE_COUNT);
}

struct policy *policy_load(const struct conf_node *node, const char *name, const struct policy_lists *lists, struct fact_schema *schema,
                           struct arena *arena, struct conf_errors *errors)
{
    struct policy_loader l = {.lists = lists, .schema = schema, .arena = arena, .errors = errors};
    struct policy *policy = arena_alloc(arena, sizeof *policy);
    policy->name = arena_string(arena, slice_of(name));
    if (!node)
        return policy;
    if (conf_is_null(node)) {
        conf_warning_at(errors, node, "there are no rules below it: all mail is accepted; write {} if that is meant");
        return policy;
    }
    if (node->kind != CONF_MAP) {
        conf_error_at(errors, node, "a policy is a mapping of stages to lists of rules, not %s", conf_kind_name(node->kind));
        return policy;
    }
    for (const struct conf_node *n = node->children; n; n = n->next) {
        int stage = stage_of(n->key);
        if (stage < 0) {
            unknown_stage(&l, n);
            continue;
        }
        l.stage = (enum stage)stage;
        load_stage(&l, policy, n);
    }
    return policy;
}

bool policy_has_stage(const struct policy *policy, enum stage stage)
{
    return policy->stages[stage] != NULL;
}

const char *policy_name(const struct policy *policy)
{
    return policy->name;
}

enum policy_split policy_split(const struct policy *policy)
{
    return policy->split;
}

const struct policy *policy_candidate(const struct policy *policy)
{
    return policy->candidate;
}

struct slice policy_rcpt_class(const struct policy *policy, const struct facts *facts, struct arena *arena)
{
    (void)policy, (void)facts, (void)arena;
    return SLICE("");
}
