/* logged_report: logged decisions explained again, for people or for programs. Pure. What came from outside is escaped. */
#ifndef PROXY_LOGGED_REPORT_H
#define PROXY_LOGGED_REPORT_H

#include "base/buf.h"
#include "proxy/logbook/logged_decision.h"

struct logged_entry {
    struct logged_decision decision;
    struct logged_entry *next;
};

struct logged_report {
    const char *settings; /* where they come from */
    bool shadow;          /* their mode */
    const struct logged_entry *entries;
};

void logged_report_text(const struct logged_report *report, struct buf *out);
/** One JSON object, ASCII only. */
void logged_report_json(const struct logged_report *report, struct buf *out);

#endif
