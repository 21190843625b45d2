/* listener: sockets that the master opens and the workers accept on. */
#ifndef PROXY_LISTENER_H
#define PROXY_LISTENER_H

#include "proxy/process/worker.h"

/** Opens a listening, non-blocking socket. -1: *error says why. */
int listener_open(const struct net_addr *address, const char **error);

struct listener;

/** Accepts on fd for the worker, until freed. The socket itself belongs to the caller. */
struct listener *listener_new(struct worker *w, const struct listener_settings *settings, int fd);
void listener_free(struct listener **l);

#endif
