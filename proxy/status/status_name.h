/* status_name: the name of a counter: a few parts, joined so that they can be told apart again. Pure.
 *
 *   total WHAT · listener ADDRESS WHAT · backend NAME SERVER WHAT · fact NAME WORD · action STAGE ACTION · stage POLICY STAGE WHAT ·
 *   candidate POLICY STAGE NAME WHAT · rule POLICY STAGE RULE WHAT */
#ifndef PROXY_STATUS_NAME_H
#define PROXY_STATUS_NAME_H

#include "base/arena.h"

enum { STATUS_PARTS_MAX = 5 };

struct status_name {
    struct slice parts[STATUS_PARTS_MAX];
    size_t count;
};

/** parts: up to NULL. */
const char *status_name_make(struct arena *arena, const char *const *parts);
/** Views into name. False: it has no part, or too many. */
bool status_name_read(const char *name, struct status_name *out);

#endif
