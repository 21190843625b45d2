/* org_domain: the organizational domain by the public suffix list (RFC 7489 §3.2). Pure but for reading the list once. */
#ifndef FILTERS_DMARC_ORG_DOMAIN_H
#define FILTERS_DMARC_ORG_DOMAIN_H

#include "base/slice.h"

/** Reads the system's list, or the library's own if there is none. Call it before privileges are dropped; later calls do nothing. */
void org_domain_load(void);
/** One label more than the public suffix; the name itself if it is a public suffix. name: normalised (domain_name.h). */
struct slice org_domain_of(struct slice name);

#endif
