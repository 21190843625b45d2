/* backend_look: asks the servers of a configuration, for `mailweir check`, whether they would hear who our clients are. */
#ifndef PROXY_BACKEND_LOOK_H
#define PROXY_BACKEND_LOOK_H

#include "proxy/settings/settings.h"

/** Connects to each server that is written down by its address, says EHLO and leaves; warns of those that offer no XCLIENT where identity
 *  auto counts on it. Servers that do not answer within two seconds, and names, are passed over. */
void backend_look(const struct settings *s, struct conf_errors *errors);

#endif
