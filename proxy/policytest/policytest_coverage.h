/* policytest_coverage: which rules a case reached. Pure. */
#ifndef PROXY_POLICYTEST_COVERAGE_H
#define PROXY_POLICYTEST_COVERAGE_H

#include "proxy/policytest/policytest.h"

/** Lists the rules of all policies; none is reached yet. */
void policytest_coverage_init(struct policytest_suite *suite, struct arena *arena);
/** Notes the rules that matched in these steps of a session, which were judged by this policy. */
void policytest_coverage_note(struct policytest_suite *suite, const char *policy, const struct rehearsal_step *steps);

#endif
