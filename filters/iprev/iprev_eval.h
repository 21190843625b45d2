/* iprev_eval: does the client's address have a name, and that name the address (RFC 8601 §3)? Also called FCrDNS. Pure. */
#ifndef FILTERS_IPREV_IPREV_EVAL_H
#define FILTERS_IPREV_IPREV_EVAL_H

#include "base/dns/dns_map.h"
#include "base/net_addr.h"

enum { IPREV_NAMES_MAX = 4 }; /* further names of an address are not looked at */

enum iprev_result {
    IPREV_IS_NONE, /* no name at all (RFC 8601 §2.7.3: permerror) */
    IPREV_IS_PASS,
    IPREV_IS_FAIL, /* no name leads back to the address */
    IPREV_IS_TEMPERROR,
};

struct iprev_verdict {
    enum iprev_result result;
    struct slice name; /* pass: the name that leads back; else the first that the address claims, or empty. Normalised. */
};

/** The name below which an address's PTR records are (RFC 1035 §3.5, RFC 3596 §2.5), without final dot. Empty for no address. */
struct slice iprev_reverse_name(const struct net_addr *addr, struct arena *arena);
/** One run over the answers known so far; final if the view missed nothing. */
void iprev_evaluate(const struct net_addr *client, struct dns_view *view, struct arena *arena, struct iprev_verdict *out);
/** The word of the fact; and that of RFC 8601. */
const char *iprev_result_word(enum iprev_result result);
const char *iprev_method_result(enum iprev_result result);

#endif
