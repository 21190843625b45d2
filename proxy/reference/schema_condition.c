/* schema_condition: `when` as a schema: what is known at each stage, and which tests fit which fact. See schema.h.
 *
 * "$defs" holds a test for each fact ("test.spf") and a condition for each stage ("condition.rcpt"). */
#include "proxy/reference/schema.h"

#include <stdio.h>

enum { DEF_NAME_MAX = 300 };

static const char *const bare_tests[] = {"absent", "present", NULL};

static json_t *value_of(enum fact_type type, const char *const *words)
{
    if (type == FACT_WORD)
        return schema_words(words);
    if (type == FACT_NUMBER)
        return schema_of_shape(SHAPE_NUMBER, NULL, NULL);
    return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
}

static json_t *operators_of(enum fact_type type, const char *self)
{
    json_t *properties = json_object();
    for (size_t i = 0; i < OPERATOR_COUNT; i++) {
        const struct policy_operator_word *op = &policy_operators[i];
        if (!(op->types & POLICY_BIT(type)))
            continue;
        json_t *behind = schema_of_shape(op->shape, NULL, self);
        schema_describe(behind, op->doc);
        json_object_set_new(properties, op->name, behind);
    }
    return json_pack("{s:s, s:o, s:b, s:i}", "type", "object", "properties", properties, "additionalProperties", 0, "minProperties", 1);
}

/** A value, a list of tests, or operators. */
static json_t *test_of(enum fact_type type, const char *const *words, const char *self)
{
    json_t *list = json_pack("{s:s, s:i, s:o}", "type", "array", "minItems", 1, "items", schema_ref(self));
    json_t *bare = type == FACT_WORD || type == FACT_NUMBER ? schema_words(bare_tests) : json_false();
    return json_pack("{s:[o,o,o,o]}", "anyOf", value_of(type, words), bare, list, operators_of(type, self));
}

static void define_test(json_t *defs, const struct fact_def *def)
{
    char name[DEF_NAME_MAX];
    snprintf(name, sizeof name, "test.%s", def->name);
    json_object_set_new(defs, name, test_of(def->type, def->words, name));
}

static void add_facts(json_t *properties, const struct fact_schema *facts, enum stage stage)
{
    char name[DEF_NAME_MAX];
    for (int id = 0; id < (int)fact_schema_count(facts); id++) {
        const struct fact_def *def = fact_schema_def(facts, id);
        if (def->since > stage)
            continue;
        snprintf(name, sizeof name, "test.%s", def->name);
        json_t *test = schema_ref(name);
        schema_describe(test, def->doc);
        json_object_set_new(properties, def->name, test);
    }
}

static void add_combinators(json_t *properties, const char *self)
{
    for (size_t i = 0; i < COMBINATOR_COUNT; i++) {
        json_t *behind = schema_ref(self);
        schema_describe(behind, policy_combinators[i].doc);
        json_object_set_new(properties, policy_combinators[i].name, behind);
    }
}

/** Facts whose names are made elsewhere: by the message, and (open) by the options of filters. */
static json_t *made_facts(const struct fact_schema *facts, enum stage stage, bool open)
{
    json_t *patterns = json_object();
    if (stage >= STAGE_DATA)
        json_object_set_new(patterns, "^header[.][!-9;-~]+$", schema_ref("test.header.NAME"));
    if (open) /* a limit's unit decides from which stage it is known */
        json_object_set_new(patterns, "^rate[.][A-Za-z0-9_-]+([.](used|wait))?$", json_true());
    return patterns;
}

static void define_condition(json_t *defs, const struct fact_schema *facts, enum stage stage, bool open)
{
    char name[DEF_NAME_MAX];
    json_t *properties = json_object();
    snprintf(name, sizeof name, "condition.%s", stage_name(stage));
    add_combinators(properties, name);
    add_facts(properties, facts, stage);
    json_t *map = json_pack("{s:s, s:o, s:o, s:b, s:i}", "type", "object", "properties", properties, "patternProperties",
                            made_facts(facts, stage, open), "additionalProperties", 0, "minProperties", 1);
    json_t *list = json_pack("{s:s, s:i, s:o}", "type", "array", "minItems", 1, "items", schema_ref(name));
    json_object_set_new(defs, name, schema_either(map, list));
}

void schema_define_conditions(json_t *defs, const struct fact_schema *facts, bool open)
{
    static const struct fact_def any_field = {.name = "header.NAME", .type = FACT_TEXT};
    for (int id = 0; id < (int)fact_schema_count(facts); id++)
        define_test(defs, fact_schema_def(facts, id));
    define_test(defs, &any_field);
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        define_condition(defs, facts, (enum stage)stage, open);
}
