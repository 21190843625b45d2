/* settings_signing: reads the keys that sign, so that a bad one is told with its place before it is used. Used by settings_load.c. */
#ifndef PROXY_SETTINGS_SIGNING_H
#define PROXY_SETTINGS_SIGNING_H

#include "proxy/settings/settings.h"

/** Fills in what settings->signing works out. A key that a person who checks the configuration may not read, as only root can, is a
 *  warning. */
void settings_open_signing(struct settings *s, const struct conf_node *root, struct conf_errors *errors);

#endif
