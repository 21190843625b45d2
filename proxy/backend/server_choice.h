/* server_choice: which of a backend's servers gets the next session. Pure.
 *
 * Among the usable ones of the best priority the one with the fewest sessions for its weight; where they are alike, the one that was
 * chosen longest ago. Backups of a worse priority come in when none of the better ones is usable, not when these are full. */
#ifndef PROXY_SERVER_CHOICE_H
#define PROXY_SERVER_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server_candidate {
    bool usable;  /* up, not drained, not tried in vain */
    bool full;    /* has as many sessions as it may */
    int64_t rank; /* priority: lower ones first */
    uint64_t weight;
    size_t sessions;
    uint64_t chosen; /* when it was last chosen, in choices */
};

enum {
    SERVER_CHOICE_NONE = -1, /* none is usable */
    SERVER_CHOICE_FULL = -2, /* those that are have as many sessions as they may */
};

/** The index of the one to take, or a word of the enum above. */
int server_choose(const struct server_candidate *candidates, size_t count);
/** The weight of a server that has been up for up_ms: from a tenth it grows to the whole within slow_ms. In thousandths. */
uint64_t server_grown_weight(int64_t weight, int64_t up_ms, int64_t slow_ms);

#endif
