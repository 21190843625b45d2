/* spf_explain: the explanation that a domain gives for a fail (RFC 7208 §6.2). Pure; part of the strict evaluator. */
#ifndef FILTERS_SPF_SPF_EXPLAIN_H
#define FILTERS_SPF_SPF_EXPLAIN_H

#include "filters/spf/spf_run.h"

/** The expanded text, at most SPF_EXPLANATION_MAX bytes of printable ASCII, in arena; empty if there is none, if it is malformed, or
 *  if it could not be had. spec: the value of exp=; domain: whose record it stands in. Counts against no limit of SPF. */
struct slice spf_explain(struct spf_run *run, struct slice spec, struct slice domain, struct arena *arena);

#endif
