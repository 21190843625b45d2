/* server_health: is a server up, by what probes and sessions found. Pure.
 *
 * The first finding decides at once. After that it takes several in a row: `fall` failures make a server down, `rise` good probes bring
 * it back. */
#ifndef PROXY_SERVER_HEALTH_H
#define PROXY_SERVER_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

enum server_state {
    SERVER_UNKNOWN, /* nobody has looked yet */
    SERVER_UP,      /* it gets sessions */
    SERVER_DOWN,    /* it gets none */
};

struct server_health {
    enum server_state state;
    unsigned streak;  /* findings in a row that speak against the state */
    int64_t since_ms; /* when it changed last */
    bool returned;    /* it is up after having been down */
};

/** Takes a finding. True: the state changed. */
bool server_health_note(struct server_health *h, bool good, int64_t rise, int64_t fall, int64_t now_ms);

#endif
