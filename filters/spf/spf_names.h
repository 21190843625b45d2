/* spf_names: the validated names of a client (RFC 7208 §5.5), for the p macro. Pure. */
#ifndef FILTERS_SPF_SPF_NAMES_H
#define FILTERS_SPF_SPF_NAMES_H

#include "filters/spf/spf_eval.h"

/** "1.2.0.192.in-addr.arpa" or the nibbles under ip6.arpa, in the arena. */
struct slice spf_reverse_name(const struct net_addr *addr, struct arena *arena);
/** The validated name of the query's client: domain itself if it is one, else one below it, else any, else "unknown" (§7.3). */
struct slice spf_names_of_client(const struct spf_query *query, struct slice domain, struct dns_view *view, struct arena *arena);

#endif
