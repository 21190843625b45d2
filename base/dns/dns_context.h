/* dns_context: sets libunbound up: caches, servers, trust anchor, static zone. Used by dns.c only. */
#ifndef BASE_DNS_CONTEXT_H
#define BASE_DNS_CONTEXT_H

#include "base/dns/dns.h"

struct ub_ctx;

/** A context ready for queries on that event base, or NULL and *error. Free it with ub_ctx_delete. */
struct ub_ctx *dns_context_new(struct event_base *base, const struct dns_options *options, const char **error);
/** How many queries a context may be given at once: as many as it has sockets, lest one wait behind another's silence. */
unsigned dns_context_queries(void);

#endif
