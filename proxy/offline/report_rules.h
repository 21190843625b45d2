/* report_rules: the rules that were tried, for people: what settled each, and what was decided. Pure. */
#ifndef PROXY_REPORT_RULES_H
#define PROXY_REPORT_RULES_H

#include "base/buf.h"
#include "proxy/offline/rehearsal.h"

/** A line for each rule. */
void report_trials(struct buf *out, size_t indent, const struct rehearsal_step *step);
/** A line with the decision. */
void report_verdict(struct buf *out, size_t indent, const struct rehearsal_step *step);

#endif
