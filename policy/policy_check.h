/* policy_check: what rules must be among each other: named once, reachable, and able to apply at all. Used by policy_load.c. */
#ifndef POLICY_POLICY_CHECK_H
#define POLICY_POLICY_CHECK_H

#include "policy/policy_loader.h"

/** Notes an error if a rule read before has this one's name. */
void policy_check_name(struct policy_loader *l, const struct policy *policy, const struct rule *rule);
/** Warns of rules that can never apply, and of those that are never reached. */
void policy_check_stage(struct policy_loader *l, const struct rule *rules);

#endif
