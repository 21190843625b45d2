/* dns_load: how many queries are under way, in all and for each asker, and who may add one. Pure.
 *
 * An asker is a client's network. Nobody may hold more than a fraction of what is still free, so shares shrink as load grows: one
 * asker cannot fill the resolver, it takes dozens, and whoever holds nothing finds a place until the very last is taken. */
#ifndef BASE_DNS_LOAD_H
#define BASE_DNS_LOAD_H

#include "base/net_addr.h"

/** May an asker begin something new that needs lookups? */
enum dns_load_state {
    DNS_LOAD_FREE = 0, /* yes */
    DNS_LOAD_SHARE,    /* no: it holds too much of what there is */
    DNS_LOAD_FULL,     /* no: nearly everything is taken, not by this one alone */
};

struct dns_load;
struct dns_share; /* what one asker holds */

/** most: queries at once. */
struct dns_load *dns_load_new(unsigned most);
void dns_load_free(struct dns_load **load);
/** The asker that a client belongs to: its /24 (IPv4) or /48 (IPv6: what one site gets). 0: no address, nobody in particular. */
uint64_t dns_load_asker(const struct net_addr *client);
/** Takes a place for one query; NULL: there is none for this asker. Asker 0 is bounded by the total alone. */
struct dns_share *dns_load_take(struct dns_load *load, uint64_t asker);
/** Gives one place back. The share may be gone afterwards. */
void dns_load_give_back(struct dns_load *load, struct dns_share *share);
/** What is begun now can as a rule be completed: the bound here is half of that in dns_load_take. */
enum dns_load_state dns_load_state(const struct dns_load *load, uint64_t asker);
unsigned dns_load_total(const struct dns_load *load);
/** Askers that hold something. */
unsigned dns_load_askers(const struct dns_load *load);

#endif
