/* policy_rule: see policy_rule.h. */
#include "policy/policy_rule.h"

enum { RULE_NAME_MAX = 100 };

static const char *const keys[] = {"rule", "mode", "when", "do", "reply", "header"};
static const char *const modes[] = {"enforce", "shadow"};

/** Actions as written; the order is that of enum action. */
static const char *const actions[ACTION_COUNT] = {"accept",      "trust",         "reject",     "tempfail", "discard",
                                                  "quarantine",  "redirect",      "disconnect", "tag",      "remove_header",
                                                  "subject_tag", "add_recipient", "delay"};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static int index_of(struct slice text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(text, slice_of(words[i])))
            return (int)i;
    return -1;
}

static bool check_keys(struct policy_loader *l, const struct conf_node *node)
{
    if (node->kind != CONF_MAP) {
        conf_error_at(l->errors, node, "a rule is a mapping: {rule: NAME, when: ..., do: ACTION}");
        return false;
    }
    for (const struct conf_node *n = node->children; n; n = n->next)
        if (index_of(n->key, keys, KEY_COUNT) < 0)
            policy_loader_unknown(l, n, AT_KEY, "key", keys, KEY_COUNT);
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

static bool load_action(struct policy_loader *l, const struct conf_node *node, enum action *action)
{
    const struct conf_node *value = conf_get(node, "do");
    if (!value) {
        conf_error_at(l->errors, node, "\"do\" is missing: there are %s", policy_loader_join(l, actions, ACTION_COUNT));
        return false;
    }
    if (!policy_loader_scalar(l, value, "an action"))
        return false;
    int i = slice_eq(value->text, SLICE("add_header")) ? ACTION_TAG : index_of(value->text, actions, ACTION_COUNT);
    if (i < 0) {
        policy_loader_unknown(l, value, AT_VALUE, "action", actions, ACTION_COUNT);
        return false;
    }
    *action = (enum action)i;
    bool data_only = i == ACTION_DISCARD || i == ACTION_QUARANTINE || i == ACTION_TAG;
    if (data_only && l->stage != STAGE_DATA)
        conf_error_at(l->errors, value, "%s is possible at stage data only; what is known at stage %s is known there, too", actions[i],
                      stage_name(l->stage));
    return true;
}

static bool load_shadow(struct policy_loader *l, const struct conf_node *node)
{
    const struct conf_node *mode = conf_get(node, "mode");
    if (!mode || !policy_loader_scalar(l, mode, "a mode"))
        return false;
    int i = index_of(mode->text, modes, 2);
    if (i < 0)
        policy_loader_unknown(l, mode, AT_VALUE, "mode", modes, 2);
    return i == 1;
}

static void load_headers(struct policy_loader *l, const struct conf_node *node, struct rule *rule)
{
    const struct conf_node *header = conf_get(node, "header");
    if (rule->action == ACTION_TAG && header)
        rule->headers = tag_load(l, header);
    else if (rule->action == ACTION_TAG)
        conf_error_at(l->errors, node, "\"header\" is missing: tag adds fields, as in header: {X-Policy: \"spf={spf}\"}");
    else if (header)
        conf_error_at_key(l->errors, header, "%s adds no header fields; only tag does", action_name(rule->action));
}

struct rule *rule_load(struct policy_loader *l, const struct conf_node *node)
{
    struct rule *rule = arena_alloc(l->arena, sizeof *rule);
    if (!check_keys(l, node))
        return NULL;
    const struct conf_node *when = conf_get(node, "when"), *reply = conf_get(node, "reply");
    rule->node = node;
    rule->name = load_name(l, node);
    rule->shadow = load_shadow(l, node);
    if (when)
        rule->when = condition_load(l, when);
    if (!load_action(l, node, &rule->action) || !rule->name)
        return NULL;
    rule->reply = reply_default(rule->action, l->stage, rule->name, l->arena);
    if (reply)
        reply_load(l, reply, rule->action, &rule->reply);
    load_headers(l, node, rule);
    return rule;
}
