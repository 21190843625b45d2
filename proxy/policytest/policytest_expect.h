/* policytest_expect: reads what a case expects. Pure. */
#ifndef PROXY_POLICYTEST_EXPECT_H
#define PROXY_POLICYTEST_EXPECT_H

#include "proxy/policytest/policytest_picture.h"
#include "proxy/policytest/policytest_reader.h"

/** node: an action, or a mapping of what is to be checked. policy: the rules there are; NULL: those of all policies. */
void policytest_expect_load(struct policytest_reader *r, const struct conf_node *node, const struct policy_settings *policy,
                            struct policytest_picture *out);

#endif
