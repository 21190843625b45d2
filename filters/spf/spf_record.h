/* spf_record: an SPF record as a list of terms (RFC 7208 §4.6.1, §5, §6, §12). Pure.
 *
 * The grammar is checked to the letter and for the whole record before anything of it is evaluated. */
#ifndef FILTERS_SPF_SPF_RECORD_H
#define FILTERS_SPF_SPF_RECORD_H

#include "base/arena.h"
#include "base/dns/dns.h"
#include "base/net_addr.h"

enum { SPF_RECORD_MAX = 8192 }; /* bytes; longer ones are not looked at */

enum spf_mechanism { SPF_ALL, SPF_INCLUDE, SPF_A, SPF_MX, SPF_PTR, SPF_IP4, SPF_IP6, SPF_EXISTS };

struct spf_term {
    struct slice text; /* as it stands in the record, printable ASCII */
    char qualifier;    /* '+', '-', '~' or '?' */
    enum spf_mechanism mechanism;
    struct slice domain;         /* domain-spec with its macros; empty: the current domain */
    unsigned prefix4, prefix6;   /* of a and mx; of ip4 and ip6 the one that fits */
    struct net_addr network;     /* ip4, ip6 */
    const struct spf_term *next; /* in the order of evaluation */
};

struct spf_record {
    const struct spf_term *terms;
    bool has_redirect;
    struct slice redirect; /* domain-spec */
    bool has_exp;
    struct slice exp; /* domain-spec */
};

/** Chooses the one record that begins with "v=spf1" (§4.5). Returns how many there are; *text is the first. */
size_t spf_record_select(const struct dns_answer *txt, struct slice *text);
/** NULL if it parses, else what is wrong: a static text. */
const char *spf_record_parse(struct slice text, struct arena *arena, struct spf_record *record);

#endif
