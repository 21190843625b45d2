/* report_dns: what a rehearsal has asked for, in order, and a DNS record as text, as zone files write it. Pure. */
#ifndef PROXY_REPORT_DNS_H
#define PROXY_REPORT_DNS_H

#include "base/arena.h"
#include "proxy/offline/rehearsal.h"

/** What was asked for the session, then what was asked for the message; NULL at the end. */
const struct dns_map_entry *report_dns_first(const struct rehearsal *r);
const struct dns_map_entry *report_dns_next(const struct rehearsal *r, const struct dns_map_entry *entry);

/** Of both together. */
struct report_dns_cost {
    unsigned queries, refused;
};
struct report_dns_cost report_dns_cost(const struct rehearsal *r);
/** "192.0.2.1", "2001:db8::1", "10 mx.example.com", a name, or the bytes of a TXT. Not escaped. */
struct slice report_dns_record(enum dns_type type, const struct dns_record *record, struct arena *arena);
/** "ok", "no such name" ... in words of its own for people. */
const char *report_dns_status(const struct dns_answer *answer);

#endif
