/* drain: servers that the postmaster takes out of service while the proxy runs.
 *
 * A key in the state store says so for each; workers look once a second. It holds until it is taken back, over restarts. A server is
 * named by its address as text or by its entry in the configuration, which may stand for several. */
#ifndef PROXY_DRAIN_H
#define PROXY_DRAIN_H

#include "proxy/backend/backend.h"

/** Drains and undrains the backend's servers as the store says. */
void drain_look(struct backend *b);
/** Writes it down. server: an address, or an entry. False: the store failed. */
bool drain_set(struct kv *state, const char *backend, const char *server, bool drained);
/** Calls each for every server of the backend that is drained. The text is valid during the call. */
void drain_each(struct kv *state, const char *backend, void (*each)(void *ctx, struct slice server), void *ctx);

#endif
