/* settings_check: what no single option can tell: options that contradict each other or the machine. Used by settings_load.c. */
#ifndef PROXY_SETTINGS_CHECK_H
#define PROXY_SETTINGS_CHECK_H

#include "proxy/settings/settings.h"

/** Notes errors and warnings. s: everything but facts, filters and policies is filled in. */
void settings_check(const struct settings *s, const struct conf_node *root, struct conf_errors *errors);

#endif
