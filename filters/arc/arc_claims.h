/* arc_claims: what a sealer says it found: the results in its ARC-Authentication-Results (RFC 8617 §4.1.1, RFC 8601 §2.2). Pure.
 *
 * Worth believing only where the seal is good and the sealer trusted. Read strictly: what is not of a method's vocabulary is no
 * claim, two different claims about one thing are none, and a field that cannot be read claims nothing at all. */
#ifndef FILTERS_ARC_ARC_CLAIMS_H
#define FILTERS_ARC_ARC_CLAIMS_H

#include "base/arena.h"

struct arc_claims {
    const char *spf;   /* about the reverse-path, a word of RFC 8601 §2.7.2; NULL: none */
    const char *dkim;  /* the best of all signatures' (§2.7.1): pass if there is one; NULL: none */
    const char *dmarc; /* NULL: none, or not about from_domain (header.from) */
};

/** value: of the field, "i=" included. from_domain: the author's, normalised (domain_name.h); empty: not known. */
void arc_claims_read(struct slice value, struct slice from_domain, struct arena *arena, struct arc_claims *out);

#endif
