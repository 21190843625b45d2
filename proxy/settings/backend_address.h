/* backend_address: where a server of a backend is, as a postmaster writes it. Pure.
 *
 *   192.0.2.1:25  "[2001:db8::1]:25"  an address
 *   mail.example.org:25               all addresses of a name
 *   mx:example.org                    all servers that take mail for a domain (RFC 5321 §5.1), at port 25 or at mx:example.org:2525
 *   srv:_smtp._tcp.example.org        all servers of a service (RFC 2782)
 *   unix:/run/mta/smtp                a socket of this machine */
#ifndef PROXY_BACKEND_ADDRESS_H
#define PROXY_BACKEND_ADDRESS_H

#include "base/arena.h"
#include "base/net_addr.h"

enum backend_address_kind { BACKEND_IP, BACKEND_NAME, BACKEND_MX, BACKEND_SRV, BACKEND_UNIX };

struct backend_address {
    enum backend_address_kind kind;
    struct net_addr ip; /* BACKEND_IP, with its port */
    const char *name;   /* BACKEND_NAME, _MX, _SRV: in lower case; BACKEND_UNIX: the path */
    uint16_t port;      /* BACKEND_NAME, _MX */
};

/** Reads one. NULL, or what is wrong with it. Strings live in the arena. */
const char *backend_address_parse(struct slice text, struct arena *arena, struct backend_address *out);
/** Whether it is looked up in DNS. */
bool backend_address_is_name(const struct backend_address *address);
/** Whether the two may lead to one server, as far as can be told without DNS. */
bool backend_address_same(const struct backend_address *a, const struct backend_address *b);

#endif
