/* conf_unique: no key twice in one mapping. Used by conf_yaml.c and conf_file.c. */
#ifndef BASE_CONF_UNIQUE_H
#define BASE_CONF_UNIQUE_H

#include "base/config/conf_node.h"

/** Finds keys that stand twice in a map, notes them, and drops the later one. join: two mappings of one name become one. */
void conf_unique(struct conf_node *map, bool join, struct conf_errors *errors);

#endif
