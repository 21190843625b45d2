/* policy_rules: a policy as it is held in memory, between loading and deciding. */
#ifndef POLICY_POLICY_RULES_H
#define POLICY_POLICY_RULES_H

#include "policy/policy_condition.h"
#include "policy/policy_reply.h"
#include "policy/policy_tag.h"

struct rule {
    const char *name;
    bool shadow;
    enum action action;
    const struct condition *when;     /* NULL: always */
    struct reply reply;               /* code 0: the action has none */
    const struct tag_header *headers; /* ACTION_TAG */
    const struct conf_node *node;     /* where it stands */
    struct rule *next;
};

struct policy {
    const char *name;
    enum policy_split split;
    const struct policy *candidate; /* or NULL */
    struct rule *stages[STAGE_COUNT];
};

#endif
