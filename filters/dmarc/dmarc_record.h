/* dmarc_record: a DMARC policy record (RFC 7489 §6.3, RFC 9989 §4.7), parsed and written anew. Pure. */
#ifndef FILTERS_DMARC_DMARC_RECORD_H
#define FILTERS_DMARC_DMARC_RECORD_H

#include "base/arena.h"
#include "base/dns.h"

enum dmarc_policy { DMARC_POLICY_IS_NONE, DMARC_POLICY_IS_QUARANTINE, DMARC_POLICY_IS_REJECT };

struct dmarc_record {
    enum dmarc_policy p, sp; /* sp: p if there is none */
    bool strict_dkim, strict_spf;
};

/** How many of the texts are DMARC records: begin with the version. *text is the first. */
size_t dmarc_record_select(const struct dns_answer *txt, struct slice *text);
/** False: no policy can be taken from it. A record with a broken p or sp but an address for reports counts as p=none. */
bool dmarc_record_parse(struct slice text, struct dmarc_record *record);
/** The same policy in canonical form, nothing else in it. */
const char *dmarc_record_format(const struct dmarc_record *record, struct arena *arena);

const char *dmarc_policy_word(enum dmarc_policy policy);

#endif
