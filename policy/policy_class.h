/* policy_class: which recipients a policy treats alike at stage data. See policy_rcpt_class in policy.h. */
#ifndef POLICY_POLICY_CLASS_H
#define POLICY_POLICY_CLASS_H

#include "policy/policy_rules.h"

/** Collects the tests of facts about a recipient in the rules of stage data that act. */
void policy_class_prepare(struct policy *policy, const struct fact_schema *schema, struct arena *arena);

#endif
