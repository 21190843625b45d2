/* report_spf: the section of a report that tells how SPF came to its verdicts, as an indented tree. Pure.
 *
 * A term stands with its outcome, and below it what it looked up; a record found by a lookup has its terms below it. */
#ifndef PROXY_REPORT_SPF_H
#define PROXY_REPORT_SPF_H

#include "base/buf.h"
#include "filters/spf/spf_trace.h"

/** Nothing if the filter did not run. */
void report_spf_text(const struct spf_story *story, struct buf *out);
/** A word for what became of a term: "no match". */
const char *report_spf_outcome(enum spf_step_outcome outcome);

#endif
