/* conf_json: a configuration tree as JSON. Used by config_show.c and schema_options.c. */
#ifndef PROXY_CONF_JSON_H
#define PROXY_CONF_JSON_H

#include "base/config/conf_node.h"

#include <jansson.h>

/** Bare true, false, null and whole numbers become what they are in JSON, every other scalar a text. */
json_t *conf_json(const struct conf_node *node);

#endif
