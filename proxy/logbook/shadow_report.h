/* shadow_report: what a shadow_tally amounts to, for people or for programs. Pure. What came from outside is escaped. */
#ifndef PROXY_SHADOW_REPORT_H
#define PROXY_SHADOW_REPORT_H

#include "base/buf.h"
#include "proxy/logbook/log_files.h"
#include "proxy/logbook/shadow_tally.h"

struct shadow_report {
    const char *const *files; /* that were read; up to NULL */
    const char *since;        /* as it was asked for, or NULL */
    struct log_files_read read;
    const struct shadow_tally *tally; /* sorted */
};

void shadow_report_text(const struct shadow_report *report, struct buf *out);
/** One JSON object, ASCII only. */
void shadow_report_json(const struct shadow_report *report, struct buf *out);

#endif
