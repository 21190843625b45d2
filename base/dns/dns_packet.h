/* dns_packet: a DNS reply in wire form (RFC 1035 §4) read into an answer. Pure.
 *
 * Nothing in the packet is believed: every offset is checked, compression must end, names, records and bytes are bounded.
 * CNAME chains are followed inside the packet. Whatever is not understood is DNS_FAILURE with the reason. */
#ifndef BASE_DNS_PACKET_H
#define BASE_DNS_PACKET_H

#include "base/dns/dns.h"

enum {
    DNS_PACKET_RECORDS = 1024,         /* more of them in one reply: "answer too large" */
    DNS_PACKET_BYTES = 128 * 1024,     /* more bytes of decoded names: the same */
    DNS_PACKET_CHAIN = 16,             /* CNAME links in one reply */
    DNS_PACKET_TTL_MAX = 24 * 60 * 60, /* seconds; longer ones are clipped */
};

struct dns_packet_reading {
    struct dns_answer answer; /* secure is left false: the packet cannot know */
    struct slice alias;       /* unless empty: the chain of CNAMEs leads to this name and the reply does not say what is there */
};

/** Reads the reply to a query for that type. Memory comes from arena; views into the packet are handed out, too. */
void dns_packet_read(const uint8_t *bytes, size_t len, enum dns_type type, struct arena *arena, struct dns_packet_reading *out);
/** A short text for a response code (RFC 1035 §4.1.1): "SERVFAIL". */
const char *dns_packet_rcode_name(unsigned rcode);

#endif
