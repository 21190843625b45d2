/* distinct: how many different texts there were. Remembers hashes only, and no more than DISTINCT_MAX of them. Pure. */
#ifndef PROXY_DISTINCT_H
#define PROXY_DISTINCT_H

#include "base/slice.h"

enum { DISTINCT_MAX = 1 << 16 };

struct distinct {
    uint64_t *hashes; /* open addressing; 0: free */
    size_t count, room;
    bool more; /* than could be remembered */
};

/** Texts that differ in case only are the same. */
void distinct_add(struct distinct *d, struct slice text);
void distinct_release(struct distinct *d);

#endif
