/* policy_shadow: a candidate policy beside the live one: it decides on the same facts, and never acts. Pure. */
#ifndef POLICY_POLICY_SHADOW_H
#define POLICY_POLICY_SHADOW_H

#include "policy/policy.h"

/** What two decisions differ in. */
enum policy_differs {
    DIFFERS_ACTION = 1,
    DIFFERS_RULE = 2, /* another rule decides, or one instead of none; nobody outside can tell */
    DIFFERS_REPLY = 4,
    DIFFERS_TARGET = 8,   /* the mailbox of redirect or quarantine */
    DIFFERS_EFFECTS = 16, /* what rules that go on ask for */
};

struct policy_difference {
    const char *candidate; /* the policy's name */
    unsigned differs;      /* of enum policy_differs, at least one */
    struct decision live;  /* as it would be carried out: not in shadow, whatever the mode */
    struct decision other; /* the candidate's */
    const int *saw;        /* ids of the facts that the candidate's rule looked at, or the live one's if no rule of the candidate decides */
    size_t saw_count;
};

/** 0: the same. Rules in shadow mode are no part of it. */
unsigned policy_compare(const struct decision *a, const struct decision *b);
/** Whether a client, a backend or a recipient would notice. */
bool policy_differs_outside(unsigned differs);
/** Lets the candidate of the policy that decided decide, too, on the same facts. NULL: there is no candidate, or it decides the same. In
 *  arena. */
const struct policy_difference *policy_try_candidate(const struct decision *live, enum stage stage, const struct facts *facts,
                                                     struct arena *arena);

#endif
