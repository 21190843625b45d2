/* rehearsal_record: writes down what happens in a rehearsal. Used by rehearsal.c. Pure. */
#ifndef PROXY_REHEARSAL_RECORD_H
#define PROXY_REHEARSAL_RECORD_H

#include "proxy/offline/rehearsal.h"

struct rehearsal_recorder {
    struct arena *arena;
    const struct facts *facts;
    struct rehearsal_step *step; /* the one under way */
    struct rehearsal_step **last_step;
    struct rehearsal_trial **last_trial;
};

/** Begins a step behind the others. */
struct rehearsal_step *rehearsal_record_step(struct rehearsal_recorder *r, enum stage stage);
/** For policy_trace; ctx is the recorder. */
void rehearsal_record_trial(void *ctx, const struct policy_trial *trial);
void rehearsal_record_reply(struct rehearsal_recorder *r, int code, const char *enhanced, struct slice text);
/** The present facts of this scope, or of all others. */
struct rehearsal_facts rehearsal_record_facts(const struct rehearsal_recorder *r, enum fact_scope scope, bool others);

#endif
