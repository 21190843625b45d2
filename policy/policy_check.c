/* policy_check: see policy_check.h. */
#include "policy/policy_check.h"

#include "policy/conditions/condition_logic.h"

/** The rule of that name in any stage read so far. */
static const struct rule *find_rule(const struct policy *policy, const char *name)
{
    for (size_t stage = 0; stage < STAGE_COUNT; stage++)
        for (const struct rule *r = policy->stages[stage]; r; r = r->next)
            if (strcmp(r->name, name) == 0)
                return r;
    return NULL;
}

void policy_check_name(struct policy_loader *l, const struct policy *policy, const struct rule *rule)
{
    if (!l->names)
        l->names = text_set_new(l->arena);
    bool known = text_set_holds(l->names, slice_of(rule->name)); /* perhaps in another case */
    const struct rule *other = known ? find_rule(policy, rule->name) : NULL;
    text_set_add(l->names, slice_of(rule->name), PATTERN_SELF);
    if (other)
        conf_error_at(l->errors, conf_get(rule->node, "rule"), "there is a rule \"%s\" already, in line %u", rule->name, other->node->line);
}

/** Whether the rules behind it are out of reach for what it applies to. */
static bool decides(const struct rule *rule)
{
    return !rule->shadow && !action_goes_on(rule->action);
}

static bool is_unconditional(const struct rule *rule)
{
    return !conf_get(rule->node, "when");
}

/** Conditions that could not be read are NULL, too; they imply nothing. */
static bool is_covered(const struct rule *rule, const struct rule *earlier, struct condition_logic *logic)
{
    if (!decides(earlier))
        return false;
    return is_unconditional(earlier) || (rule->when && earlier->when && condition_implies(rule->when, earlier->when, logic));
}

static void check_reach(struct policy_loader *l, const struct rule *rules, const struct rule *rule, struct condition_logic *logic)
{
    for (const struct rule *r = rules; r != rule && logic->steps < CONDITION_LOGIC_STEPS; r = r->next) {
        logic->steps++;
        if (!is_covered(rule, r, logic))
            continue;
        if (is_unconditional(r))
            conf_warning_at(l->errors, rule->node, "rule \"%s\" is never reached: rule \"%s\" before it has no condition", rule->name,
                            r->name);
        else
            conf_warning_at(l->errors, rule->node,
                            "rule \"%s\" is never reached: whenever it applies, rule \"%s\" in line %u decides before", rule->name, r->name,
                            r->node->line);
        return;
    }
}

static void check_possible(struct policy_loader *l, const struct rule *rule, struct condition_logic *logic)
{
    int fact = rule->when ? condition_contradiction(rule->when, logic) : -1;
    if (fact >= 0)
        conf_warning_at(l->errors, conf_get(rule->node, "when"),
                        "this can never hold: what it says of \"%s\" contradicts itself (for one of several values write a list)",
                        fact_schema_def(l->schema, fact)->name);
}

void policy_check_stage(struct policy_loader *l, const struct rule *rules)
{
    struct condition_logic logic = {0};
    for (const struct rule *rule = rules; rule; rule = rule->next) {
        check_possible(l, rule, &logic);
        check_reach(l, rules, rule, &logic);
    }
}
