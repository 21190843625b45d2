/* policytest_coverage: which rules a case reached. Pure. */
#ifndef PROXY_POLICYTEST_COVERAGE_H
#define PROXY_POLICYTEST_COVERAGE_H

#include "proxy/policytest/policytest.h"

/** Lists the rules of all policies; none is reached yet. */
void policytest_coverage_init(struct policytest_suite *suite, struct arena *arena);
/** Notes the rules that matched in these steps of a session. */
void policytest_coverage_note(struct policytest_suite *suite, const struct rehearsal_step *steps);
/** The rule that was tried; or NULL. */
const struct policytest_rule *policytest_coverage_find(const struct policytest_suite *suite, const struct rehearsal_trial *trial);

#endif
