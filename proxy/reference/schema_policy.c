/* schema_policy: rules and policies as a schema: "$defs" holds a rule for each stage ("rule.rcpt"), and "policy". See schema.h. */
#include "proxy/reference/schema.h"

#include <stdio.h>

enum { DEF_NAME_MAX = 40 };

static void add_action(json_t *list, const char *name, const char *doc)
{
    json_array_append_new(list, json_pack("{s:s, s:s}", "const", name, "description", doc));
}

/** What may stand behind `do` at a stage. */
static void define_actions(json_t *defs, enum stage stage)
{
    char name[DEF_NAME_MAX];
    json_t *list = json_array();
    snprintf(name, sizeof name, "action.%s", stage_name(stage));
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        const struct policy_action_word *action = &policy_actions[i];
        if (!(action->stages & POLICY_BIT(stage)))
            continue;
        add_action(list, action->name, action->doc);
        if (action->alias)
            add_action(list, action->alias, action->doc);
    }
    json_object_set_new(defs, name, json_pack("{s:o}", "anyOf", list));
}

/** The keys of actions that this one does not take, as properties that must not be there. */
static json_t *forbidden_keys(const struct policy_action_word *action)
{
    json_t *properties = json_object();
    for (unsigned key = RULE_KEY_REPLY; key < RULE_KEY_COUNT; key++)
        if (!(action->keys & POLICY_BIT(key)))
            json_object_set_new(properties, policy_rule_keys[key].name, json_false());
    return properties;
}

static json_t *needed_keys(const struct policy_action_word *action)
{
    json_t *required = json_array();
    for (unsigned key = 0; key < RULE_KEY_COUNT; key++)
        if (action->needs & POLICY_BIT(key))
            json_array_append_new(required, json_string(policy_rule_keys[key].name));
    return required;
}

/** If a rule does this, then it has these keys. */
static json_t *keys_of_action(const struct policy_action_word *action)
{
    json_t *names = json_pack("[s]", action->name);
    if (action->alias)
        json_array_append_new(names, json_string(action->alias));
    return json_pack("{s:{s:{s:{s:o}}, s:[s]}, s:{s:o, s:o}}", "if", "properties", policy_rule_keys[RULE_KEY_DO].name, "enum", names,
                     "required", policy_rule_keys[RULE_KEY_DO].name, "then", "properties", forbidden_keys(action), "required",
                     needed_keys(action));
}

static void define_action_keys(json_t *defs)
{
    json_t *all = json_array();
    for (size_t i = 0; i < ACTION_COUNT; i++)
        json_array_append_new(all, keys_of_action(&policy_actions[i]));
    json_object_set_new(defs, "keys of actions", json_pack("{s:o}", "allOf", all));
}

static json_t *key_of_rule(const struct policy_key_word *key, enum stage stage)
{
    char ref[DEF_NAME_MAX];
    snprintf(ref, sizeof ref, "%s.%s", key->shape == SHAPE_ACTION ? "action" : "condition", stage_name(stage));
    json_t *schema = schema_of_shape(key->shape, key->words, ref);
    schema_describe(schema, key->doc);
    return schema;
}

static void define_rule(json_t *defs, enum stage stage)
{
    char name[DEF_NAME_MAX];
    json_t *properties = json_object(), *required = json_array();
    snprintf(name, sizeof name, "rule.%s", stage_name(stage));
    for (size_t i = 0; i < RULE_KEY_COUNT; i++) {
        json_object_set_new(properties, policy_rule_keys[i].name, key_of_rule(&policy_rule_keys[i], stage));
        if (policy_rule_keys[i].required)
            json_array_append_new(required, json_string(policy_rule_keys[i].name));
    }
    json_object_set_new(defs, name,
                        json_pack("{s:s, s:o, s:o, s:b, s:[o]}", "type", "object", "required", required, "properties", properties,
                                  "additionalProperties", 0, "allOf", schema_ref("keys of actions")));
}

static void define_stage(json_t *defs, json_t *properties, enum stage stage)
{
    char name[DEF_NAME_MAX];
    define_actions(defs, stage);
    define_rule(defs, stage);
    snprintf(name, sizeof name, "rule.%s", stage_name(stage));
    json_t *rules = json_pack("{s:[s,s], s:o}", "type", "array", "null", "items", schema_ref(name));
    schema_describe(rules, policy_stages[stage].doc);
    json_object_set_new(properties, policy_stages[stage].name, rules);
}

void schema_define_policy(json_t *defs)
{
    json_t *properties = json_object();
    define_action_keys(defs);
    for (size_t i = 0; i < POLICY_KEY_COUNT; i++) {
        json_t *schema = schema_of_shape(policy_keys[i].shape, policy_keys[i].words, NULL);
        schema_describe(schema, policy_keys[i].doc);
        json_object_set_new(properties, policy_keys[i].name, schema);
    }
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        define_stage(defs, properties, (enum stage)stage);
    json_object_set_new(defs, "policy",
                        json_pack("{s:[s,s], s:o, s:b}", "type", "object", "null", "properties", properties, "additionalProperties", 0));
}
