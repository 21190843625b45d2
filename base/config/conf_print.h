/* conf_print: a tree written as YAML that conf_node reads again as the same tree. Comments and the style of the source are not kept. */
#ifndef BASE_CONF_PRINT_H
#define BASE_CONF_PRINT_H

#include "base/config/conf_node.h"

/** Appends text as a scalar: without quotes if it means the same without them, else in double quotes. */
void conf_print_text(FILE *out, struct slice text);
/** Writes the tree, each line beginning with indent spaces. A scalar that was quoted stays so: bare words may mean something else. */
void conf_print_yaml(const struct conf_node *node, unsigned indent, FILE *out);
/** Whether two trees mean the same to whoever reads them; positions and their own keys aside. */
bool conf_equal(const struct conf_node *a, const struct conf_node *b);

#endif
