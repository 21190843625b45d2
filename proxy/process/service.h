/* service: what a service manager and we tell each other through the environment: sockets it has opened for us, and how we are
 * (sd_listen_fds(3), sd_notify(3)). Without such a manager all of it does nothing. */
#ifndef PROXY_SERVICE_H
#define PROXY_SERVICE_H

#include "base/net_addr.h"

/** The listening socket that was handed to us for this address, or -1. It stays open for every generation: dup it. */
int service_socket(const struct net_addr *address);
/** Tells how we are: "READY=1", "STOPPING=1" and the like, lines separated by LF. */
void service_notify(const char *state);
/** The configuration is being read again; READY=1 says that it is done. */
void service_notify_reloading(void);

#endif
