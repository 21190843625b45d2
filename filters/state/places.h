/* places: how many of a limited number of places each holder has taken: the value that the local store keeps for concurrent
 * sessions. Pure.
 *
 * One row for each process: its id, how many places it holds, and when that lapses unless it renews. */
#ifndef FILTERS_STATE_PLACES_H
#define FILTERS_STATE_PLACES_H

#include "base/slice.h"

enum { PLACES_ROWS = 128, PLACES_ROW_BYTES = 20, PLACES_BYTES = PLACES_ROWS * PLACES_ROW_BYTES };

struct places_row {
    uint64_t holder;
    uint32_t count;
    int64_t lapses_ms;
};

struct places {
    struct places_row rows[PLACES_ROWS];
    size_t count;
};

/** Reads a stored value, without what has lapsed. What is no such value counts as empty. */
void places_read(struct slice value, int64_t now_ms, struct places *out);
/** Returns the bytes written to out. */
size_t places_write(const struct places *p, char out[PLACES_BYTES]);
int64_t places_total(const struct places *p);
/** When the last row lapses; 0: there is none. */
int64_t places_lapse_ms(const struct places *p);
/** Takes one of `most` places until lapses_ms. False: none is free. If all rows are in use by other processes, the place is given and
 *  not counted. */
bool places_enter(struct places *p, uint64_t holder, int64_t most, int64_t lapses_ms);
void places_renew(struct places *p, uint64_t holder, int64_t lapses_ms);
void places_leave(struct places *p, uint64_t holder);

#endif
