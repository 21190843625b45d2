/* identity_text: attributes of XCLIENT and XFORWARD. Pure. Values are xtext (RFC 3461 §4); what is not known is said to be so, since a
 * server may remember what it was told about another client. */
#ifndef PROXY_IDENTITY_TEXT_H
#define PROXY_IDENTITY_TEXT_H

#include "base/buf.h"
#include "base/net_addr.h"

/** " NAME=value", if wanted. */
void identity_add_text(struct buf *out, bool wanted, const char *name, struct slice value);
/** An IPv6 address carries a prefix, an IPv4 address does not. */
void identity_add_address(struct buf *out, bool wanted, const char *name, const struct net_addr *address);
void identity_add_port(struct buf *out, bool wanted, const char *name, const struct net_addr *address);

#endif
