/* condition_logic: what follows from conditions without any facts. Pure, and careful: "false" means only that it is not obvious. */
#ifndef POLICY_CONDITIONS_CONDITION_LOGIC_H
#define POLICY_CONDITIONS_CONDITION_LOGIC_H

#include "policy/conditions/condition.h"

/** How much has been thought about so far. Beyond a bound nothing is obvious any more, so that a configuration of a million rules is
 *  read in a second, too. */
struct condition_logic {
    unsigned long steps;
};

enum { CONDITION_LOGIC_STEPS = 20 * 1000 * 1000 };

/** Whether b obviously holds whenever a does. */
bool condition_implies(const struct condition *a, const struct condition *b, struct condition_logic *logic);
/** A fact of which the condition demands what cannot be at once, so that it never holds; -1: none that is obvious. */
int condition_contradiction(const struct condition *c, struct condition_logic *logic);

#endif
