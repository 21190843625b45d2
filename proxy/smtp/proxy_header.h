/* proxy_header: the PROXY protocol, versions 1 and 2: how a load balancer in front tells whom it speaks for, before anything else is
 * said. Pure.
 *
 * Version 1 is a line, "PROXY TCP4 192.0.2.1 192.0.2.25 51234 25"; version 2 begins with a signature of twelve bytes. Whose header is
 * believed is up to the listener. */
#ifndef PROXY_PROXY_HEADER_H
#define PROXY_PROXY_HEADER_H

#include "base/buf.h"
#include "base/net_addr.h"

enum { PROXY_HEADER_MAX = 2048 }; /* of version 2, with its extensions, which are stepped over */

enum proxy_header_status {
    PROXY_HEADER_MORE, /* so far it may be one */
    PROXY_HEADER_OK,
    PROXY_HEADER_BAD, /* it is none */
};

struct proxy_header {
    size_t length;                       /* bytes it takes */
    struct net_addr source, destination; /* family 0: the load balancer speaks for itself, or does not know */
};

enum proxy_header_status proxy_header_parse(struct slice input, struct proxy_header *out);
/** Appends a header of version 2. Addresses of two families, or a source of none: it says "for myself". */
void proxy_header_format(struct buf *out, const struct net_addr *source, const struct net_addr *destination);

#endif
