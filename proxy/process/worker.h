/* worker: one process, one thread, one event loop, one configuration for its whole life. */
#ifndef PROXY_WORKER_H
#define PROXY_WORKER_H

#include "base/spool.h"
#include "proxy/backend/backend.h"
#include "proxy/front/admission.h"
#include "proxy/session/chain.h"
#include "proxy/settings/settings.h"
#include "proxy/status/status.h"

struct session;

struct worker {
    const struct settings *settings;
    struct chain_tools tools;
    struct spool_pool spool;
    struct backend *backends; /* in the order of settings->backends */
    struct session *sessions; /* all open ones, linked */
    size_t session_count;
    bool draining;
    int descriptors;        /* clients take those below this number; the rest is for what sessions need */
    struct status status;   /* what it counts */
    struct crowd_seat seat; /* among all workers, where clients are counted */
    uint64_t sessions_seen; /* for session ids */
};

/** Serves the listening sockets (in the order of settings->listeners), which it closes when SIGTERM tells it to stop, and drains. All
 *  signals are to be blocked on entry; they are let in once somebody listens to them. ready: -1 or a descriptor that gets one byte, and is
 * closed, when connections are accepted. Returns the exit status. */
int worker_run(const struct settings *settings, const int *sockets, int ready, struct status status, struct crowd_seat seat);
/** A session has ended: a draining worker may be done. */
void worker_session_ended(struct worker *w);

#endif
