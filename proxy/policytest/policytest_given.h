/* policytest_given: reads the facts that a case gives: each by the type that it has in the schema. Pure. */
#ifndef PROXY_POLICYTEST_GIVEN_H
#define PROXY_POLICYTEST_GIVEN_H

#include "proxy/policytest/policytest_reader.h"

/** Fills *facts from the mapping under `given`. The parts of reverse-path and forward-path become known with them, as in a session.
 *  Returns the first stage at which all of them are known. Whatever is wrong is noted. */
enum stage policytest_given_load(struct policytest_reader *r, const struct conf_node *node, struct facts *facts);

#endif
