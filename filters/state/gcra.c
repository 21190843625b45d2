/* gcra: see gcra.h. */
#include "filters/state/gcra.h"

__extension__ typedef __int128 wide;

/** Each event's time is rounded up, so a whole burst takes a little more than its share of the period; unless the events are so many
 *  that the microseconds of rounding would matter. */
static int64_t rounding(int64_t burst, int64_t time_us)
{
    return burst < time_us / 1000 ? burst : time_us / 1000;
}

bool gcra_limit_make(int64_t count, int64_t period_ms, int64_t burst, struct gcra_limit *out)
{
    static const int64_t horizon_us = (int64_t)GCRA_HORIZON_DAYS * 86400 * 1000000;
    if (count < 1 || burst < 1 || period_ms < 1 || period_ms > horizon_us / 1000)
        return false;
    int64_t period_us = period_ms * 1000;
    wide time_us = ((wide)burst * period_us + count - 1) / count;
    if (time_us > horizon_us)
        return false;
    *out = (struct gcra_limit){count, period_us, burst, (int64_t)time_us + rounding(burst, (int64_t)time_us)};
    return true;
}

int64_t gcra_step_us(const struct gcra_limit *limit, int64_t cost)
{
    if (cost > limit->burst)
        cost = limit->burst;
    int64_t step = (int64_t)(((wide)cost * limit->period_us + limit->count - 1) / limit->count);
    return step < limit->tolerance_us ? step : limit->tolerance_us;
}

int64_t gcra_used(const struct gcra_limit *limit, int64_t ahead_us)
{
    int64_t used = (int64_t)(((wide)ahead_us * limit->count + limit->period_us / 2) / limit->period_us);
    return used < limit->burst ? used : limit->burst;
}

struct gcra_result gcra_check(const struct gcra_limit *limit, int64_t tat_us, int64_t now_us, int64_t cost)
{
    int64_t furthest = now_us + limit->tolerance_us;
    if (tat_us > furthest)
        tat_us = furthest;
    int64_t from = tat_us > now_us ? tat_us : now_us, next = from + gcra_step_us(limit, cost);
    if (next > furthest)
        return (struct gcra_result){false, tat_us, from - now_us, next - furthest};
    return (struct gcra_result){true, next, next - now_us, 0};
}
