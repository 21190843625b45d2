/* backend_names: the servers of a backend that DNS names (A, AAAA, SRV, MX), looked up again when their time to live is over.
 *
 * A lookup that fails in any part, or finds nothing, changes nothing: the last good answer holds. */
#ifndef PROXY_BACKEND_NAMES_H
#define PROXY_BACKEND_NAMES_H

#include "proxy/backend/backend.h"

/** An entry's priority times this, plus that of a record, gives the rank of a server. */
enum { BACKEND_RANK_UNIT = 0x10000 };

/** Begins looking an entry up. */
void backend_names_add(struct backend *b, const struct server_settings *entry);
/** Whether each entry has been looked up, in vain or not. */
bool backend_names_looked(const struct backend_names *names);
void backend_names_free(struct backend_names **names);

#endif
