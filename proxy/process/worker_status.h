/* worker_status: writes down, for `mailweir status`, how a worker finds its backends. Used by worker.c. */
#ifndef PROXY_WORKER_STATUS_H
#define PROXY_WORKER_STATUS_H

#include "proxy/process/worker.h"

void worker_status_backends(const struct worker *w);

#endif
