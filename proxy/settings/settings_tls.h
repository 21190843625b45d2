/* settings_tls: makes what TLS needs from the files that the settings name, so that a bad certificate is told with its place, and refused
 * before it is used. Used by settings_load.c. */
#ifndef PROXY_SETTINGS_TLS_H
#define PROXY_SETTINGS_TLS_H

#include "proxy/settings/settings.h"

/** Fills in tls.server and the backends' tls_client. What a person who checks the configuration may not read, as only root can, is a
 *  warning. */
void settings_open_tls(struct settings *s, const struct conf_node *root, struct conf_errors *errors);
void settings_close_tls(struct settings *s);

#endif
