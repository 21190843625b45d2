/* worker: one process, one thread, one event loop, one configuration for its whole life. */
#ifndef PROXY_WORKER_H
#define PROXY_WORKER_H

#include "base/spool.h"
#include "proxy/backend/backend.h"
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
    struct status status;   /* what it counts */
    uint64_t sessions_seen; /* for session ids */
};

/** Serves the listening sockets (in the order of settings->listeners), which it closes when SIGTERM tells it to stop, and drains. All
 *  signals are to be blocked on entry; they are let in once somebody listens to them. ready: -1 or a descriptor that gets one byte, and is
 * closed, when connections are accepted. Returns the exit status. */
int worker_run(const struct settings *settings, const int *sockets, int ready, struct status status);
/** A session has ended: a draining worker may be done. */
void worker_session_ended(struct worker *w);

#endif
