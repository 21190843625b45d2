/* text_set: a hash set of domains, mailboxes and texts that also answers "or a domain above it".
 *
 * Keys are hashed from their last byte to their first, so one pass over a name gives the hash of each domain above it on the
 * way: a look-up costs one pass whatever the number of labels. Only the administrator fills it: no key comes from outside. */
#ifndef FILTERS_LISTS_TEXT_SET_H
#define FILTERS_LISTS_TEXT_SET_H

#include "base/arena.h"

struct text_set;

struct text_set *text_set_new(struct arena *arena);
/** Keys are kept by reference. covers: PATTERN_SELF, PATTERN_BELOW or both; what a known key covers is extended. */
void text_set_add(struct text_set *set, struct slice key, unsigned covers);
/** Whether the text itself is in it (without case), or stands below a domain that was added with PATTERN_BELOW. */
bool text_set_holds(const struct text_set *set, struct slice text);

#endif
