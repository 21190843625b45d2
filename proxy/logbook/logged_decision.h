/* logged_decision: decides again what a line of the log tells of, from the facts that stand in it. Pure.
 *
 * What decision_log.c writes is read back here: a fact under its own name, but for the envelope, which stands in from= and to=. */
#ifndef PROXY_LOGGED_DECISION_H
#define PROXY_LOGGED_DECISION_H

#include "proxy/logbook/log_line.h"
#include "proxy/offline/report.h"

/** How it comes out now. */
enum logged_verdict {
    LOGGED_SAME,
    LOGGED_DIFFERENT,
    LOGGED_NO_DECISION, /* the line tells of something that no policy decided */
};

struct logged_decision {
    struct log_line line;
    enum stage stage;
    const struct policy *policy;  /* that decided again */
    struct rehearsal_step *step;  /* the rules tried, the decision, the facts about the recipient */
    struct rehearsal_facts facts; /* all others that were recorded */
    struct slice reply;           /* of the refusal now, as the log would write it; or empty */
    enum logged_verdict verdict;
    struct slice differs; /* what is different: words between commas */
    struct report_note *notes;
};

/** Whether it is a decision line of this session and transaction (0: of any). */
bool logged_decision_is(const struct log_line *line, const char *session, int64_t tx);
/** Decides again under these settings. line must live as long as the arena. False: the line names no stage that there is. */
bool logged_decision_read(const struct log_line *line, const struct settings *settings, struct arena *arena, struct logged_decision *out);

#endif
