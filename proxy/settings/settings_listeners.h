/* settings_listeners: what the listeners' options lead to. Used by settings_load.c. */
#ifndef PROXY_SETTINGS_LISTENERS_H
#define PROXY_SETTINGS_LISTENERS_H

#include "proxy/settings/settings.h"

/** Fills in the listeners' sets of networks and rates. */
void settings_prepare_listeners(struct settings *s, struct conf_errors *errors);

#endif
