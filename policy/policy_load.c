/* policy_load: reads one policy: its keys and stages. What its rules must be among each other is checked by policy_check.c. */
#include "policy/policy_check.h"
#include "policy/policy_class.h"
#include "policy/policy_words.h"
#include "policy/rules/rule.h"

static void load_stage(struct policy_loader *l, struct policy *policy, const struct conf_node *node)
{
    struct rule **last = &policy->stages[l->stage];
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
        policy_check_name(l, policy, rule);
        *last = rule;
        last = &rule->next;
    }
    policy_check_stage(l, policy->stages[l->stage]);
}

static int stage_of(struct slice key)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        if (slice_eq(key, slice_of(policy_stages[stage].name)))
            return stage;
    return -1;
}

static bool is_policy_key(struct slice key)
{
    for (int i = 0; i < POLICY_KEY_COUNT; i++)
        if (slice_eq(key, slice_of(policy_keys[i].name)))
            return true;
    return false;
}

static void unknown_key(struct policy_loader *l, const struct conf_node *node)
{
    const char *names[STAGE_COUNT + POLICY_KEY_COUNT];
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        names[stage] = policy_stages[stage].name;
    for (int i = 0; i < POLICY_KEY_COUNT; i++)
        names[STAGE_COUNT + i] = policy_keys[i].name;
    policy_loader_unknown(l, node, AT_KEY, "stage", names, STAGE_COUNT + POLICY_KEY_COUNT);
}

/** The keys besides the stages: first, for the stages' rules are checked against them. */
static void load_keys(struct policy_loader *l, struct policy *policy, const struct conf_node *node)
{
    const struct conf_node *split = conf_get(node, "split"), *candidate = conf_get(node, "candidate");
    if (split)
        policy->split =
            policy_loader_word(l, split, "split", policy_keys[POLICY_KEY_SPLIT].words) == 1 ? POLICY_SPLIT_LENIENT : POLICY_SPLIT_DEFER;
    l->split = split != NULL;
    if (candidate && policy_loader_scalar(l, candidate, "the name of another policy"))
        policy->candidate_node = candidate;
}

static void load_stages(struct policy_loader *l, struct policy *policy, const struct conf_node *node)
{
    for (const struct conf_node *n = node->children; n; n = n->next) {
        int stage = stage_of(n->key);
        if (stage < 0 && !is_policy_key(n->key))
            unknown_key(l, n);
        if (stage < 0)
            continue;
        l->stage = (enum stage)stage;
        load_stage(l, policy, n);
    }
}

struct policy *policy_load(const struct conf_node *node, const char *name, const struct policy_context *context)
{
    struct policy_loader l = {.lists = context->lists,
                              .schema = context->schema,
                              .arena = context->arena,
                              .errors = context->errors,
                              .help_url = context->help_url};
    struct policy *policy = arena_alloc(l.arena, sizeof *policy);
    policy->name = arena_string(l.arena, slice_of(name));
    if (!node)
        return policy;
    if (conf_is_null(node)) {
        conf_warning_at(l.errors, node, "there are no rules below it: all mail is accepted; write {} if that is meant");
        return policy;
    }
    if (node->kind != CONF_MAP) {
        conf_error_at(l.errors, node, "a policy is a mapping of stages to lists of rules, not %s", conf_kind_name(node->kind));
        return policy;
    }
    load_keys(&l, policy, node);
    load_stages(&l, policy, node);
    policy_class_prepare(policy, l.schema, l.arena);
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
