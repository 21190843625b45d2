/* net_addr: an IP address with an optional port. IPv4-mapped IPv6 addresses become IPv4 on the way in,
 * so that one client has one address whatever the socket's family. */
#ifndef BASE_NET_ADDR_H
#define BASE_NET_ADDR_H

#include "base/slice.h"

#include <sys/socket.h>

enum { NET_ADDR_TEXT = 64 }; /* room for any address with brackets and port, and the NUL */

struct net_addr {
    sa_family_t family; /* AF_INET or AF_INET6; 0: none */
    uint16_t port;      /* host order; 0: none */
    uint8_t bytes[16];  /* network order; an IPv4 address uses the first four */
};

/** Parses "192.0.2.1" or "2001:db8::1", without port or brackets. */
bool net_addr_parse_ip(struct slice text, struct net_addr *out);
/** Parses "192.0.2.1:25", "[2001:db8::1]:25" or "*:25" (every IPv4 address). The port is required. */
bool net_addr_parse_endpoint(struct slice text, struct net_addr *out);
bool net_addr_from_sockaddr(const struct sockaddr *sa, struct net_addr *out);
/** Fills *out and returns its length. */
socklen_t net_addr_to_sockaddr(const struct net_addr *a, struct sockaddr_storage *out);
/** The address alone, as inet_ntop writes it. Returns text. */
const char *net_addr_format_ip(const struct net_addr *a, char text[NET_ADDR_TEXT]);
/** "192.0.2.1:25" or "[2001:db8::1]:25". Returns text. */
const char *net_addr_format(const struct net_addr *a, char text[NET_ADDR_TEXT]);
/** The number of bits in the address: 32 or 128. */
unsigned net_addr_bits(const struct net_addr *a);
/** Zeroes all but the first `bits` bits. */
void net_addr_mask(struct net_addr *a, unsigned bits);

#endif
