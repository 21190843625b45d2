/* report: what a rehearsal showed, for people or for programs. Pure.
 *
 * Whatever came from outside is escaped: a report can be pasted anywhere. */
#ifndef PROXY_REPORT_H
#define PROXY_REPORT_H

#include "base/buf.h"
#include "proxy/offline/rehearsal.h"

struct report_note {
    const char *text;
    struct report_note *next;
};

struct report {
    const char *command;  /* "explain", "lookup spf" */
    const char *settings; /* where they come from */
    bool client_given;    /* by the command line; else the client is made up and not shown */
    const struct settings *used;
    const struct rehearsal_script *script;
    const struct rehearsal *rehearsal;
    struct report_note *notes;
};

/** What became of one step: what was decided, or what the proxy itself does. */
const char *report_step_outcome(const struct rehearsal_step *step);
/** The action that ends the session: what was decided, or what the proxy itself does. */
const char *report_outcome(const struct report *report);
/** Whether a fact belongs into it: into that of a single check, the facts of its filters only. */
bool report_shows_fact(const struct report *report, int id);
/** Sections and columns. */
void report_text(const struct report *report, struct buf *out);
/** One JSON object, ASCII only. */
void report_json(const struct report *report, struct buf *out);

#endif
