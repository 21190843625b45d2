/* cidr_set: a set of networks, asked "does it hold this address". Sorted ranges, binary search; a million entries are fine. */
#ifndef BASE_CIDR_SET_H
#define BASE_CIDR_SET_H

#include "base/arena.h"
#include "base/net_addr.h"

struct cidr_set;

struct cidr_set *cidr_set_new(struct arena *arena);
/** "192.0.2.0/24", "2001:db8::/32" or a single address. False: no such thing, nothing added. */
bool cidr_set_add(struct cidr_set *set, struct slice text);
/** Sorts and merges; call once after the last add. */
void cidr_set_seal(struct cidr_set *set);
bool cidr_set_holds(const struct cidr_set *set, const struct net_addr *addr);
/** Parses "address" or "address/bits"; host bits are cleared. */
bool cidr_parse(struct slice text, struct net_addr *addr, unsigned *bits);

#endif
