/* rule: reads one rule. Used by policy_load.c, which knows the rules around it. */
#ifndef POLICY_RULES_RULE_H
#define POLICY_RULES_RULE_H

#include "policy/policy_loader.h"

/** Reads {rule, mode, when, do, reply, header}. NULL if not even its name and action could be read; errors are noted. */
struct rule *rule_load(struct policy_loader *l, const struct conf_node *node);

#endif
