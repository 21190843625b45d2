/* policytest_load: a test file, already read as YAML, becomes cases. Pure: files that it names are opened by others. */
#ifndef PROXY_POLICYTEST_LOAD_H
#define PROXY_POLICYTEST_LOAD_H

#include "proxy/policytest/policytest.h"
#include "proxy/policytest/policytest_reader.h"

/** Checks the top of the file, and which configuration it is for: that at `config` (*path; NULL: none is named), or one to be made of the
 *  policy that stands in the file (*tree; else NULL). */
void policytest_load_config(struct policytest_reader *r, const struct conf_node *root, const char **path, const struct conf_node **tree);
/** Reads the cases; the reader must have the settings by now. */
void policytest_load_cases(struct policytest_reader *r, struct policytest_file *file);

#endif
