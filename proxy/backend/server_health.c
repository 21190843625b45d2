/* server_health: see server_health.h. */
#include "proxy/backend/server_health.h"

static bool agrees(const struct server_health *h, bool good)
{
    return good == (h->state == SERVER_UP);
}

static bool is_decided(const struct server_health *h, int64_t rise, int64_t fall)
{
    return h->state == SERVER_UNKNOWN || (int64_t)h->streak >= (h->state == SERVER_UP ? fall : rise);
}

bool server_health_note(struct server_health *h, bool good, int64_t rise, int64_t fall, int64_t now_ms)
{
    if (h->state != SERVER_UNKNOWN && agrees(h, good)) {
        h->streak = 0;
        return false;
    }
    h->streak++;
    if (!is_decided(h, rise, fall))
        return false;
    h->returned = h->state == SERVER_DOWN;
    h->state = good ? SERVER_UP : SERVER_DOWN;
    h->streak = 0;
    h->since_ms = now_ms;
    return true;
}
