/* settings_backends: what backends, their servers, and the listeners and recipients that name them mean together. */
#ifndef PROXY_SETTINGS_BACKENDS_H
#define PROXY_SETTINGS_BACKENDS_H

#include "proxy/settings/settings.h"

/** Of a backend that names no server. */
#define SETTINGS_DEFAULT_ADDRESS "127.0.0.1:10025"

/** Reads the servers' addresses, finds the backends that listeners and recipients name, and notes what is wrong, or dangerous, with
 *  any of them. */
void settings_prepare_backends(struct settings *s, const struct conf_node *root, struct conf_errors *errors);
/** Whether some backend is spoken to from the clients' own addresses. */
bool settings_need_transparency(const struct settings *s);

#endif
