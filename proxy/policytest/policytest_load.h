/* policytest_load: the cases of a test file, already read as YAML. Pure: files that they name are opened by policytest_stage.c. */
#ifndef PROXY_POLICYTEST_LOAD_H
#define PROXY_POLICYTEST_LOAD_H

#include "proxy/policytest/policytest.h"
#include "proxy/policytest/policytest_reader.h"

/** Reads the cases into the file; the reader has the settings. */
void policytest_load_cases(struct policytest_reader *r, struct policytest_file *file);

#endif
