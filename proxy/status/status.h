/* status: what one worker counts, in its slot of the statistics page. A few additions for each decision; no names, no locks. */
#ifndef PROXY_STATUS_H
#define PROXY_STATUS_H

#include "proxy/status/status_plan.h"

struct status {
    const struct status_plan *plan;
    uint64_t *counters; /* in the order of the plan's definitions */
};

void status_add(const struct status *status, enum status_total which);
void status_subtract(const struct status *status, enum status_total which);
void status_add_listener(const struct status *status, size_t listener, enum status_of_listener which);
void status_subtract_listener(const struct status *status, size_t listener, enum status_of_listener which);
/** How this worker finds an entry under `servers`; number: counted over all backends, in the order of the configuration. */
void status_set_backend(const struct status *status, size_t number, const uint64_t row[STATUS_OF_BACKEND]);
/** Counts what a policy decided, and its rules. */
void status_add_decision(const struct status *status, enum stage stage, const struct decision *decision);
/** Counts each word among the facts once: at the stage from which it is known. again: one more recipient of a transaction, so that only
 *  the facts about it are new. */
void status_add_facts(const struct status *status, enum stage stage, const struct facts *facts, bool again);

#endif
