/* report_dns: a DNS record as text, as zone files write it. Pure. */
#ifndef PROXY_REPORT_DNS_H
#define PROXY_REPORT_DNS_H

#include "base/arena.h"
#include "base/dns/dns.h"

/** "192.0.2.1", "2001:db8::1", "10 mx.example.com", a name, or the bytes of a TXT. Not escaped. */
struct slice report_dns_record(enum dns_type type, const struct dns_record *record, struct arena *arena);
/** "ok", "no such name" ... in words of its own for people. */
const char *report_dns_status(const struct dns_answer *answer);

#endif
