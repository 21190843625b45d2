/* text_list: several texts written as one that can be taken apart again: a separator between them, and a backslash before every separator
 * and backslash inside. No texts and one empty text look alike. Pure. */
#ifndef BASE_TEXT_LIST_H
#define BASE_TEXT_LIST_H

#include "base/arena.h"
#include "base/buf.h"

/** Appends an item; first: none was before. */
void text_list_add(struct buf *out, char separator, struct slice item, bool first);
/** Cuts the first item off *rest, like slice_split; "" yields "" once. Items with a backslash are copied into arena. */
bool text_list_next(struct slice *rest, char separator, struct slice *item, struct arena *arena);

#endif
