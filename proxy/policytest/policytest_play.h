/* policytest_play: plays a case: facts go to the policy, a session through a rehearsal. */
#ifndef PROXY_POLICYTEST_PLAY_H
#define PROXY_POLICYTEST_PLAY_H

#include "proxy/policytest/policytest_stage.h"

/** Plays it, notes the rules it reached, and compares. */
void policytest_play_case(struct policytest_stage *stage, struct policytest_suite *suite, struct policytest_case *c);

#endif
