/* dns: the resolver of one worker: libunbound's event API behind one small type.
 *
 * Create it after fork. A query's callback is never run from inside dns_ask, also not for cached answers.
 * Every query has a deadline, aliases included; past it the answer is DNS_FAILURE. Bogus (DNSSEC) data is DNS_FAILURE too.
 * What is under way is bounded, in all and for each client's network (dns_load.h); given-up queries count until the library is done. */
#ifndef BASE_DNS_H
#define BASE_DNS_H

#include "base/arena.h"
#include "base/dns/dns_load.h"

#include <event2/event.h>

enum dns_type {
    DNS_TYPE_A = 1,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_SRV = 33,
    DNS_TYPE_SPF = 99, /* RFC 7208 §3.1: no longer used; always answered DNS_NODATA without a query */
};

enum { DNS_SRV_HEAD = 4 }; /* bytes in front of the name of an SRV record */

enum dns_status {
    DNS_OK,       /* at least one record of the type asked for */
    DNS_NODATA,   /* the name exists, without such a record */
    DNS_NXDOMAIN, /* the name does not exist */
    DNS_FAILURE,  /* SERVFAIL, timeout, bogus, refused by a budget: a temporary error for every caller */
};

/** One record. data: A 4 bytes, AAAA 16 bytes; TXT the character-strings joined without a separator (RFC 7208 §3.3);
 *  SRV weight and port, two bytes each in network order, and then the name (DNS_SRV_HEAD); PTR, CNAME, MX and SRV the name in lower case
 * without the final dot (a byte of a label that is a dot, backslash, blank, control or non-ASCII byte is escaped \DDD). */
struct dns_record {
    struct slice data;
    uint16_t preference; /* MX; the priority of an SRV */
};

struct dns_answer {
    enum dns_status status;
    uint32_t ttl; /* seconds */
    bool secure;  /* validated by DNSSEC */
    size_t count; /* records; 0 unless DNS_OK */
    const struct dns_record *records;
    const char *why; /* for DNS_FAILURE: a short static text such as "timeout", "SERVFAIL", "bogus" */
    bool refused;    /* DNS_FAILURE because of our own load, not because of the name: says nothing, try again later */
};

struct dns_options {
    const char *const *forward; /* "192.0.2.53", "127.0.0.1@5301" or "system" (/etc/resolv.conf); none: own recursion from the root */
    size_t forward_count;
    const char *zone_file;    /* static answers that override the network, or NULL: see dns_zone.h. Without servers it is the
                                 only source: other names do not exist. */
    const char *trust_anchor; /* file with the root key, or NULL: no validation */
    int64_t timeout_ms;       /* of one query */
    int64_t cache_bytes;      /* of messages and of record sets, each */
};

struct dns;
struct dns_query;

/** answer is valid during the call only. */
typedef void (*dns_answer_fn)(void *ctx, const struct dns_answer *answer);

/** NULL and *error (static or arena-less short text) when the library or the zone file refuses. */
struct dns *dns_new(struct event_base *base, const struct dns_options *options, const char **error);
/** Cancels all queries without calling back. May be called from inside a callback. */
void dns_free(struct dns **dns);
/** Asks; fn is called exactly once, unless cancelled. name: without final dot (one is ignored), in the form of dns_name.h; a name
 *  that is no legal DNS name (label over 63, over 253 in all, empty label) is answered DNS_NXDOMAIN. Returned handle is valid
 *  until fn has run. */
struct dns_query *dns_ask(struct dns *dns, struct slice name, enum dns_type type, dns_answer_fn fn, void *ctx);
/** The same on behalf of an asker (dns_load_asker): beyond its share the answer is DNS_FAILURE with refused set. */
struct dns_query *dns_ask_for(struct dns *dns, uint64_t asker, struct slice name, enum dns_type type, dns_answer_fn fn, void *ctx);
/** May one more query be sent for this name? ctx: the asker's own, as for fn. */
typedef bool (*dns_more_fn)(void *ctx);
/** From now on asks before each query beyond the first: for every link of a chain of CNAMEs, and for another look at a name that
 *  failed. Where the answer is no, the name's is DNS_FAILURE. */
void dns_meter(struct dns_query *query, dns_more_fn more);
/** May this asker begin something new that needs lookups? */
enum dns_load_state dns_busy(const struct dns *dns, uint64_t asker);
/** What is under way, for tests and statistics. */
const struct dns_load *dns_load(const struct dns *dns);
/** Forgets the query; fn will not be called. */
void dns_cancel(struct dns_query *query);

const char *dns_type_name(enum dns_type type);
const char *dns_status_name(enum dns_status status);

#endif
