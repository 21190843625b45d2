/* effect: what a rule that goes on asks for, as loaded: fields, a text, mailboxes, a time. */
#ifndef POLICY_RULES_EFFECT_H
#define POLICY_RULES_EFFECT_H

#include "policy/policy.h"
#include "policy/rules/template.h"

enum {
    TAG_VALUE_MAX = 900, /* with the name under the 998 bytes of a line (RFC 5322 §2.1.1) */
    SUBJECT_TAG_MAX = 200,
    DELAY_MS_MAX = 60 * 1000,
};

struct rule_effect {
    struct slice name;     /* of a field; TAG, REMOVE_HEADER */
    struct template value; /* TAG, SUBJECT_TAG, ADD_RECIPIENT */
    int64_t delay_ms;
    struct rule_effect *next;
};

struct policy_loader;

/** Reads what stands behind the key of the rule that belongs to the action, one that goes on. NULL after errors were noted. */
struct rule_effect *effects_load(struct policy_loader *l, const struct conf_node *rule, enum action action);
struct rule_effect *effect_new(struct policy_loader *l, struct slice name);

#endif
