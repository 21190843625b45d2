/* admission: whether a listener takes one more session of this client (listeners[].limits). Pure but for the crowd it counts in.
 *
 * Who is refused is not counted, so that insisting does not prolong the wait. */
#ifndef PROXY_ADMISSION_H
#define PROXY_ADMISSION_H

#include "proxy/front/crowd.h"
#include "proxy/settings/settings.h"

/** Why not. */
enum admission {
    ADMISSION_SESSIONS,     /* the listener has as many as it may */
    ADMISSION_PER_ADDRESS,  /* the client's address has */
    ADMISSION_PER_NETWORK,  /* its network has */
    ADMISSION_RATE,         /* connections come too fast */
    ADMISSION_NETWORK_RATE, /* from its network */
    ADMISSION_GRANTED,      /* none of these: it is counted */
};

/** One worker's seat in the crowd. */
struct crowd_seat {
    struct crowd *crowd;
    size_t worker;
};

/** A client of a listener. */
struct admission_guest {
    size_t number; /* of the listener */
    const struct listener_limits *limits;
    struct net_addr client;
    unsigned counted; /* by which keys: admission's own */
};

enum admission admission_ask(const struct crowd_seat *seat, struct admission_guest *guest, int64_t now_us);
/** The session of a guest has ended, or was never granted. */
void admission_end(const struct crowd_seat *seat, struct admission_guest *guest);
/** Whether the limits do not concern this client. */
bool admission_exempt(const struct listener_limits *limits, const struct net_addr *client);

#endif
