/* status_report: what a statistics page says, for people or for programs. Pure. A further kind of counter needs a row in the table of
 * status_report.c and a place in status_report_json.c. */
#ifndef PROXY_STATUS_REPORT_H
#define PROXY_STATUS_REPORT_H

#include "base/buf.h"
#include "base/stats_page.h"
#include "proxy/status/status_note.h"

struct status_report {
    const char *file;
    const struct stats_view *view;
    struct status_note note; /* what stands in the view's */
    bool alive;              /* the process that made the page */
};

void status_report_text(const struct status_report *report, struct buf *out);
/** One JSON object, ASCII only. */
void status_report_json(const struct status_report *report, struct buf *out);
/** "2026-05-01T12:00:00Z". */
const char *status_time(int64_t unix_ms, struct arena *arena);

#endif
