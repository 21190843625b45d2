/* settings_advice: what is allowed, but hardly meant: filters and policies that do not fit together. Used by settings_load.c. */
#ifndef PROXY_SETTINGS_ADVICE_H
#define PROXY_SETTINGS_ADVICE_H

#include "proxy/settings/settings.h"

/** Notes in the schema which facts are never published, because their filter is off. s: filters are filled in, no policy is read. */
void settings_mark_off(const struct settings *s);
/** Notes warnings, and, if the configuration has policies of its own, marks the facts that they use in vain. As settings_mark_off. */
void settings_advise(const struct settings *s, const struct conf_node *root, struct conf_errors *errors);

#endif
