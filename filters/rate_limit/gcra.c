/* gcra: see gcra.h. */
#include "filters/rate_limit/gcra.h"

bool gcra_limit_make(int64_t count, int64_t period_ms, int64_t burst, struct gcra_limit *out)
{
    static const int64_t horizon_us = (int64_t)GCRA_HORIZON_DAYS * 86400 * 1000000;
    if (count < 1 || burst < 1 || period_ms < 1 || period_ms > horizon_us / 1000)
        return false;
    int64_t period_us = period_ms * 1000;
    int64_t interval = period_us / count + (period_us % count ? 1 : 0);
    if (burst > horizon_us / interval)
        return false;
    *out = (struct gcra_limit){interval, burst};
    return true;
}

struct gcra_result gcra_check(const struct gcra_limit *limit, int64_t tat_us, int64_t now_us)
{
    int64_t furthest = now_us + limit->interval_us * limit->burst;
    if (tat_us > furthest)
        tat_us = furthest;
    int64_t next = (tat_us > now_us ? tat_us : now_us) + limit->interval_us;
    if (next > furthest)
        return (struct gcra_result){false, tat_us, next - furthest};
    return (struct gcra_result){true, next, 0};
}
