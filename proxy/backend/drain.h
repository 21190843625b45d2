/* drain: servers that the postmaster takes out of service while the proxy runs.
 *
 * A file in the state directory names them, one BACKEND/SERVER a line; workers look at it once a second. It holds until it is taken
 * back, over restarts. A server is named by its address as text or by its entry in the configuration, which may stand for several. */
#ifndef PROXY_DRAIN_H
#define PROXY_DRAIN_H

#include "base/buf.h"

struct backend;

/** Drains and undrains the backend's servers as the file says. */
void drain_look(struct backend *b);

/** Reads the file of a state directory. A file that is not there names nobody; what cannot be read changes nothing. False: errno says
 *  why. */
bool drain_read(const char *directory, struct buf *list);
/** Whether the list names the server. */
bool drain_holds(struct slice list, const char *backend, struct slice server);
/** The servers of the backend that the list names, one after the other: takes the next one off the list. False: there is none. */
bool drain_next(struct slice *list, const char *backend, struct slice *server);
/** Adds or removes a line, against others who do the same. False: errno says why. */
bool drain_set(const char *directory, const char *backend, struct slice server, bool drained);

#endif
