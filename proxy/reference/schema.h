/* schema: the JSON Schema (draft 2020-12) of a configuration, from the tables of options, policy words and facts.
 *
 * It is for editors: it knows names, types, words, ranges of numbers and what belongs together, and accepts whatever `mailweir check`
 * accepts. What needs more than one place to be seen (undefined lists, unreachable rules) only `mailweir check` finds. */
#ifndef PROXY_SCHEMA_H
#define PROXY_SCHEMA_H

#include "base/config/option.h"
#include "filters/facts.h"
#include "policy/policy_words.h"

#include <jansson.h>

/** The schema. facts: those that may be named; open: also others that filters can add by their options. */
json_t *schema_new(const struct option *options, const struct fact_schema *facts, bool open);

/* Its parts: */

/** A mapping of the table's options (schema_options.c). node: what stands for an option in a form of its own. */
json_t *schema_of_table(const struct option *table, json_t *(*node)(const char *key));
/** What a scalar option's value may be. */
json_t *schema_of_scalar(const struct option *row);
/** What may stand behind a key or an operator (schema_value.c). ref: where actions, conditions and tests
 *  are defined. */
json_t *schema_of_shape(enum policy_shape shape, const char *const *words, const char *ref);
/** {"$ref": "#/$defs/NAME"} */
json_t *schema_ref(const char *name);
/** anyOf of two. */
json_t *schema_either(json_t *a, json_t *b);
/** A value, or a list of such. */
json_t *schema_one_or_more(json_t *value);
/** A text in place of which a bare number may stand. */
json_t *schema_text(int64_t max);
json_t *schema_pattern(const char *pattern);
/** {"enum": [...]}; NULL-terminated. */
json_t *schema_words(const char *const *words);
json_t *schema_duration(void);
/** One word with its meaning, as editors show it. */
void schema_describe(json_t *schema, const char *doc);
/** Adds what conditions, rules and policies are to "$defs" (schema_policy.c, schema_condition.c). */
void schema_define_policy(json_t *defs);
void schema_define_conditions(json_t *defs, const struct fact_schema *facts, bool open);

#endif
