/* spf_mechanism: does a mechanism other than include match the client (RFC 7208 §5)? Pure; part of the strict evaluator. */
#ifndef FILTERS_SPF_SPF_MECHANISM_H
#define FILTERS_SPF_SPF_MECHANISM_H

#include "filters/spf/spf_record.h"
#include "filters/spf/spf_run.h"

/** domain: the current one. Terms and void lookups are counted in run. */
enum spf_match spf_mechanism_match(struct spf_run *run, const struct spf_term *term, struct slice domain);

#endif
