/* rule: see rule.h. The words come from policy_words.h; what an action's own keys hold is read by reply.c,
 * target.c and effect.c. */
#include "policy/rules/rule.h"

#include "policy/policy_words.h"
#include "policy/rules/reply.h"
#include "policy/rules/target.h"

enum { RULE_NAME_MAX = 100 };

static int find_key(struct slice name)
{
    for (int i = 0; i < RULE_KEY_COUNT; i++)
        if (slice_eq(name, slice_of(policy_rule_keys[i].name)))
            return i;
    return -1;
}

static void unknown_key(struct policy_loader *l, const struct conf_node *node)
{
    const char *names[RULE_KEY_COUNT];
    for (int i = 0; i < RULE_KEY_COUNT; i++)
        names[i] = policy_rule_keys[i].name;
    policy_loader_unknown(l, node, AT_KEY, "key", names, RULE_KEY_COUNT);
}

static bool check_keys(struct policy_loader *l, const struct conf_node *node)
{
    if (node->kind != CONF_MAP) {
        conf_error_at(l->errors, node, "a rule is a mapping: {rule: NAME, when: ..., do: ACTION}");
        return false;
    }
    for (const struct conf_node *n = node->children; n; n = n->next)
        if (find_key(n->key) < 0)
            unknown_key(l, n);
    return true;
}

static bool is_name(struct slice text)
{
    if (text.len == 0 || text.len > RULE_NAME_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

static const char *load_name(struct policy_loader *l, const struct conf_node *node)
{
    const struct conf_node *name = conf_get(node, "rule");
    if (!name)
        conf_error_at(l->errors, node, "\"rule\" is missing: every rule has a name, which stands in the log");
    else if (policy_loader_scalar(l, name, "a rule's name") && is_name(name->text))
        return name->text.ptr;
    else if (name->kind == CONF_SCALAR && !conf_is_null(name))
        conf_error_at(l->errors, name, "a rule's name is printable ASCII, at most %d bytes", RULE_NAME_MAX);
    return NULL;
}

/** The names of the actions whose set (stages, keys) has this bit: "a, b and c". */
static const char *join_actions(struct policy_loader *l, enum rule_key key)
{
    const char *names[ACTION_COUNT];
    size_t count = 0;
    for (int i = 0; i < ACTION_COUNT; i++)
        if (key < RULE_KEY_REPLY || (policy_actions[i].keys & POLICY_BIT(key)))
            names[count++] = policy_actions[i].name;
    return policy_loader_join(l, names, count);
}

static void check_stage(struct policy_loader *l, const struct conf_node *node, enum action action)
{
    const struct policy_action_word *word = &policy_actions[action];
    const char *names[STAGE_COUNT];
    size_t count = 0;
    if (word->stages & POLICY_BIT(l->stage))
        return;
    for (int i = 0; i < STAGE_COUNT; i++)
        if (word->stages & POLICY_BIT(i))
            names[count++] = policy_stages[i].name;
    conf_error_at(l->errors, node, "%s is possible at stage%s %s only; what is known at stage %s is known there, too", word->name,
                  count > 1 ? "s" : "", policy_loader_join(l, names, count), stage_name(l->stage));
}

static void unknown_action(struct policy_loader *l, const struct conf_node *node)
{
    const char *names[ACTION_COUNT];
    for (int i = 0; i < ACTION_COUNT; i++)
        names[i] = policy_actions[i].name;
    policy_loader_unknown(l, node, AT_VALUE, "action", names, ACTION_COUNT);
}

static bool load_action(struct policy_loader *l, const struct conf_node *node, enum action *action)
{
    const struct conf_node *value = conf_get(node, "do");
    if (!value) {
        conf_error_at(l->errors, node, "\"do\" is missing: there are %s", join_actions(l, RULE_KEY_DO));
        return false;
    }
    if (!policy_loader_scalar(l, value, "an action"))
        return false;
    int i = policy_action_find(value->text);
    if (i < 0) {
        unknown_action(l, value);
        return false;
    }
    *action = (enum action)i;
    check_stage(l, value, *action);
    return true;
}

static bool load_shadow(struct policy_loader *l, const struct conf_node *node)
{
    const struct conf_node *mode = conf_get(node, "mode");
    return mode && policy_loader_word(l, mode, "mode", policy_rule_keys[RULE_KEY_MODE].words) == 1;
}

/** Whether the rule has the keys that its action needs, and none that belong to other actions. */
static bool check_action_keys(struct policy_loader *l, const struct conf_node *node, enum action action)
{
    const struct policy_action_word *word = &policy_actions[action];
    bool good = true;
    for (int key = RULE_KEY_REPLY; key < RULE_KEY_COUNT; key++) {
        const struct policy_key_word *k = &policy_rule_keys[key];
        const struct conf_node *given = conf_get(node, k->name);
        if (given && !(word->keys & POLICY_BIT(key)))
            conf_error_at_key(l->errors, given, "%s takes no \"%s\"; it belongs to %s", word->name, k->name,
                              join_actions(l, (enum rule_key)key));
        if (given || !(word->needs & POLICY_BIT(key)))
            continue;
        conf_error_at(l->errors, node, "\"%s\" is missing: %s needs it, as in %s: %s", k->name, word->name, k->name, k->example);
        good = false;
    }
    return good;
}

static void load_details(struct policy_loader *l, const struct conf_node *node, struct rule *rule)
{
    const struct conf_node *reply = conf_get(node, "reply"), *to = conf_get(node, "to");
    rule->reply = reply_default(rule->action, l->stage, rule->name, l->arena);
    if (!check_action_keys(l, node, rule->action))
        return;
    if (reply && reply_needed(rule->action))
        reply_load(l, reply, rule->action, &rule->reply);
    if (to && (rule->action == ACTION_REDIRECT || rule->action == ACTION_QUARANTINE))
        target_load(l, to, &rule->to);
    if (action_goes_on(rule->action))
        rule->effects = effects_load(l, node, rule->action);
}

struct rule *rule_load(struct policy_loader *l, const struct conf_node *node)
{
    struct rule *rule = arena_alloc(l->arena, sizeof *rule);
    if (!check_keys(l, node))
        return NULL;
    const struct conf_node *when = conf_get(node, "when");
    rule->node = node;
    rule->name = load_name(l, node);
    rule->shadow = l->shadow = load_shadow(l, node);
    if (when)
        rule->when = condition_load(l, when);
    if (!load_action(l, node, &rule->action) || !rule->name)
        return NULL;
    load_details(l, node, rule);
    return rule;
}
