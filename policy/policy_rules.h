/* policy_rules: a policy as it is held in memory, between loading and deciding. */
#ifndef POLICY_POLICY_RULES_H
#define POLICY_POLICY_RULES_H

#include "policy/conditions/condition.h"
#include "policy/rules/effect.h"
#include "policy/rules/reply.h"

struct rule {
    const char *name;
    bool shadow;
    enum action action;
    const struct condition *when;      /* NULL: always */
    struct reply reply;                /* code 0: the action has none */
    struct slice to;                   /* REDIRECT, QUARANTINE: the mailbox, or empty */
    const struct rule_effect *effects; /* if the action goes on: what it asks for */
    const struct conf_node *node;      /* where it stands */
    struct rule *next;
};

struct policy {
    const char *name;
    enum policy_split split;
    const struct policy *candidate;         /* or NULL */
    const struct conf_node *candidate_node; /* its name; used while loading only */
    struct rule *stages[STAGE_COUNT];
    const struct condition **rcpt_tests; /* of stage data: the tests that make the class of a recipient (policy_class.c) */
    size_t rcpt_test_count;
};

#endif
