/* gcra: the generic cell rate algorithm: a rate limit whose whole memory is one time stamp. Pure.
 *
 * The stamp is the theoretical arrival time (TAT): when the bucket will be empty again if nothing more comes. An event of cost n moves
 * it on by the time in which n events may come; it is over the limit if that would put it further ahead of now than a whole burst.
 * An event over the limit changes nothing, so hammering does not prolong the wait.
 *
 * An event that costs more than the burst counts as the whole burst: it passes if the bucket is empty. Otherwise it could never
 * pass, and "try again in" would be a lie. */
#ifndef FILTERS_STATE_GCRA_H
#define FILTERS_STATE_GCRA_H

#include <stdbool.h>
#include <stdint.h>

struct gcra_limit {
    int64_t count, period_us; /* count events in that time */
    int64_t burst;            /* events that may come at once, at least 1 */
    int64_t tolerance_us;     /* how far ahead of now the stamp may be: the time of a burst */
};

struct gcra_result {
    bool allowed;
    int64_t tat_us;   /* to be stored; as it was (but see below) if not allowed */
    int64_t ahead_us; /* of now: how full the bucket is */
    int64_t retry_us; /* until the event would be allowed; 0 if it was */
};

enum { GCRA_HORIZON_DAYS = 3660 }; /* the period and the time of a burst may not exceed this */

/** Makes a limit of count events in period_ms. False: out of range. */
bool gcra_limit_make(int64_t count, int64_t period_ms, int64_t burst, struct gcra_limit *out);
/** The time that events of this cost together take up, rounded so that the rate is never looser than asked; 0 for none. */
int64_t gcra_step_us(const struct gcra_limit *limit, int64_t cost);
/** How many events of cost 1 are in a bucket filled so far, to the nearest. */
int64_t gcra_used(const struct gcra_limit *limit, int64_t ahead_us);
/** One event of this cost (at least 0) at now_us. tat_us: what was stored, 0 if nothing. A stored time further ahead than any event could
 *  have put it (the clock was set back) is brought back to the furthest possible one. */
struct gcra_result gcra_check(const struct gcra_limit *limit, int64_t tat_us, int64_t now_us, int64_t cost);

#endif
