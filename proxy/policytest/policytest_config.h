/* policytest_config: the top of a test file: which configuration it is for. Pure. */
#ifndef PROXY_POLICYTEST_CONFIG_H
#define PROXY_POLICYTEST_CONFIG_H

#include "proxy/policytest/policytest_reader.h"

/** Checks the keys of the file, and which configuration it names: that at `config` (*path; else NULL), or one to be made of the policy that
 *  stands in the file (*tree; else NULL). */
void policytest_config_load(struct policytest_reader *r, const struct conf_node *root, const char **path, const struct conf_node **tree);

#endif
