/* gcra: the generic cell rate algorithm: a rate limit whose whole memory is one time stamp. Pure.
 *
 * The stamp is the theoretical arrival time (TAT): when the bucket will be empty again if nothing more comes. An event moves it on by
 * one emission interval; it is over the limit if that would put it more than `burst` intervals ahead of now. An event over the
 * limit changes nothing, so hammering does not prolong the wait. */
#ifndef FILTERS_RATE_LIMIT_GCRA_H
#define FILTERS_RATE_LIMIT_GCRA_H

#include <stdbool.h>
#include <stdint.h>

struct gcra_limit {
    int64_t interval_us; /* emission interval, at least 1 */
    int64_t burst;       /* events that may come at once, at least 1 */
};

struct gcra_result {
    bool allowed;
    int64_t tat_us;   /* to be stored; as it was (but see below) if not allowed */
    int64_t retry_us; /* until the next event will be allowed; 0 if this one was */
};

enum { GCRA_HORIZON_DAYS = 3660 }; /* interval * burst may not exceed this */

/** Makes a limit of count events in period_ms, rounded so that it is never looser than asked. False: out of range. */
bool gcra_limit_make(int64_t count, int64_t period_ms, int64_t burst, struct gcra_limit *out);
/** One event at now_us. tat_us: what was stored, 0 if nothing. A stored time further ahead than any event could have put it
 *  (the clock was set back) is brought back to the furthest possible one. */
struct gcra_result gcra_check(const struct gcra_limit *limit, int64_t tat_us, int64_t now_us);

#endif
