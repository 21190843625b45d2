/* mailbox_fold: one spelling for all spellings of a mailbox, so that a limit or a list cannot be dodged by another one. Pure.
 *
 * ASCII letters become lower case, and a quoted local part loses its quotes and backslashes ("J\oe"@x is joe@x; RFC 5321
 * §4.1.2 wants the two treated alike). RFC 5321 §2.4 leaves the case of local parts to their owner; who filters mail
 * for others must assume that it does not matter, or every second letter is a way around the rule. */
#ifndef FILTERS_MAILBOX_FOLD_H
#define FILTERS_MAILBOX_FOLD_H

#include "base/slice.h"

enum { MAILBOX_FOLD_MAX = 1024 }; /* longer ones are cut: no valid mailbox comes near it */

/** Writes the folded form of local@domain (or a local part alone) to out and returns it. */
struct slice mailbox_fold(struct slice mailbox, char out[MAILBOX_FOLD_MAX]);
/** The part after the last "@"; empty if there is none. */
struct slice mailbox_domain(struct slice mailbox);

#endif
