/* conf_yaml: one YAML document becomes one tree. The only place that knows libyaml; used by conf_file.c alone. */
#ifndef BASE_CONF_YAML_H
#define BASE_CONF_YAML_H

#include "base/config/conf_node.h"

enum { CONF_DEPTH_MAX = 32 };

/** NULL if the document could not be read to its end. *values_left: nodes that may still be made, over all files. */
struct conf_node *conf_yaml_parse(struct slice text, const char *file, size_t *values_left, struct arena *arena,
                                  struct conf_errors *errors);

#endif
