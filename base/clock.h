/* clock: the two clocks. Pure code never calls these: it is given the time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/** Microseconds of a clock that never jumps; for durations and deadlines. */
int64_t clock_monotonic_us(void);
/** Milliseconds since 1970-01-01 UTC; for dates, expiry in shared state, logs. */
int64_t clock_unix_ms(void);

#endif
