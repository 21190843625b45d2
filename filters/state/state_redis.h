/* state_redis: the state of several machines, in one Redis or Valkey server: one script for a whole batch, so one round trip, with the
 * server's clock and atomic. What happens while the server is away is configured. */
#ifndef FILTERS_STATE_STATE_REDIS_H
#define FILTERS_STATE_STATE_REDIS_H

#include "base/redis.h"
#include "filters/state/state.h"

enum state_when_down {
    STATE_DOWN_LOCAL,  /* this machine counts for itself meanwhile */
    STATE_DOWN_OPEN,   /* nothing is counted */
    STATE_DOWN_CLOSED, /* nobody passes */
};

struct state_redis_options {
    struct redis_options server; /* its script is set here */
    const char *prefix;          /* of every key */
    enum state_when_down when_down;
};

/** local: for when_down local, else NULL; taken over. The options' texts must live as long as the state. */
struct state *state_redis_new(struct event_base *base, const struct state_redis_options *options, struct state *local);

/** The script, and the SHA-1 by which the server knows it. */
extern const char state_script[];
const char *state_script_sha(void);

#endif
