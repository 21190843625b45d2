/* state_listing: every entry below a prefix, from Redis, for people: SCAN, and a look at each key. Runs the loop until it has all;
 * used by state_redis.c. */
#ifndef FILTERS_STATE_STATE_LISTING_H
#define FILTERS_STATE_STATE_LISTING_H

#include "base/redis.h"
#include "filters/state/state.h"

/** own: what stands before every key of ours, and is left out in entries. False: the server failed. */
bool state_listing_run(struct event_base *base, struct redis *redis, const char *own, struct slice prefix, state_each_fn fn, void *ctx);

#endif
