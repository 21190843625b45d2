/* master_log: what the master and its generations have to say in the log. */
#ifndef PROXY_MASTER_LOG_H
#define PROXY_MASTER_LOG_H

#include "base/log.h"

/** The system has refused something: what kind of thing, which one, and why. */
static inline void master_log_error(const char *what, const char *which, const char *why)
{
    log_event(LOG_LEVEL_ERROR, "master.error", "what", what, "which", which, "reason", why, NULL);
}

#endif
