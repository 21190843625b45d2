/* policytest_play: plays the cases: facts go to the policy, sessions through a rehearsal with DNS from a file. */
#ifndef PROXY_POLICYTEST_PLAY_H
#define PROXY_POLICYTEST_PLAY_H

#include "proxy/policytest/policytest.h"

struct policytest_zone {
    const char *path; /* NULL: no name exists */
    struct dns *dns;
    struct policytest_zone *next;
};

struct policytest_stage {
    struct arena *arena; /* what is played */
    struct event_base *base;
    struct policytest_zone *zones;
};

void policytest_play_open(struct policytest_stage *stage);
void policytest_play_close(struct policytest_stage *stage);
/** Reads the message and opens the zone of a case. What is missing or broken is noted. */
void policytest_play_prepare(struct policytest_stage *stage, const struct settings *settings, struct policytest_case *c,
                             struct arena *arena, struct conf_errors *errors);
/** Plays a case, notes the rules it reached, and compares. */
void policytest_play_case(struct policytest_stage *stage, struct policytest_suite *suite, struct policytest_case *c);

#endif
