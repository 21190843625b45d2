/* dmarc_record: a DMARC policy record (RFC 9989 §4.7, §4.8), parsed and written anew. Pure.
 *
 * Lenient where the RFC is: unknown tags and tags of RFC 7489 that are gone (pct, rf, ri) mean nothing, a value that is none of
 * those allowed gives way to the default. But a record whose p, sp or np cannot be read must not be enforced by half. */
#ifndef FILTERS_DMARC_DMARC_RECORD_H
#define FILTERS_DMARC_DMARC_RECORD_H

#include "base/arena.h"
#include "base/dns/dns.h"

enum dmarc_policy { DMARC_POLICY_IS_NONE, DMARC_POLICY_IS_QUARANTINE, DMARC_POLICY_IS_REJECT };

/** Whether the domain is a public suffix. UNKNOWN is the default: the tree above decides. */
enum dmarc_psd { DMARC_PSD_UNKNOWN, DMARC_PSD_YES, DMARC_PSD_NO };

struct dmarc_record {
    enum dmarc_policy p, sp, np; /* sp: p if there is none; np: sp if there is none */
    bool strict_dkim, strict_spf;
    enum dmarc_psd psd;
    bool test; /* t=y: each policy is to be applied one step lower */
};

/** How many of the texts are DMARC records: begin with the version. *text is the first. */
size_t dmarc_record_select(const struct dns_answer *txt, struct slice *text);
/** False: no policy can be taken from it; what else it says (psd) is in *record all the same. A record without p, or with a
 *  broken p, sp or np, but with an address for reports counts as p=none (§4.10.1). */
bool dmarc_record_parse(struct slice text, struct dmarc_record *record);
/** The same policy in the form of RFC 7489, nothing else in it. */
const char *dmarc_record_format(const struct dmarc_record *record, struct arena *arena);

const char *dmarc_policy_word(enum dmarc_policy policy);

#endif
