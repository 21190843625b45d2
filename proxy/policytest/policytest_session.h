/* policytest_session: who plays in a case that is a session: its own `session`, and what that leaves out of the file's. Pure. */
#ifndef PROXY_POLICYTEST_SESSION_H
#define PROXY_POLICYTEST_SESSION_H

#include "proxy/policytest/policytest.h"
#include "proxy/policytest/policytest_reader.h"

/** Checks the keys of a `session`; node may be NULL. */
void policytest_session_check(struct policytest_reader *r, const struct conf_node *node);
/** Fills the script of the case, whose node and policy are known. root: the file. */
void policytest_session_load(struct policytest_reader *r, struct policytest_case *c, const struct conf_node *root);

#endif
