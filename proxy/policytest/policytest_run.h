/* policytest_run: from the names of test files to what came of all their cases. */
#ifndef PROXY_POLICYTEST_RUN_H
#define PROXY_POLICYTEST_RUN_H

#include "proxy/policytest/policytest.h"

struct policytest_runner;

/** config: takes the place of those that the files name; or NULL. */
struct policytest_runner *policytest_runner_new(const char *config, bool require_coverage);
void policytest_runner_free(struct policytest_runner **runner);
/** Reads the files, and says on standard error what is wrong with them. False: nothing can be run. */
bool policytest_runner_read(struct policytest_runner *runner, char *const *paths, size_t count);
/** Plays all cases. What it returns lives as long as the runner. */
const struct policytest_run *policytest_runner_play(struct policytest_runner *runner);

#endif
