/* status_note: what the master tells about itself in the statistics page, beside the counters: version, configuration, reloads, workers.
 * Written as lines of a word and its values. Pure. */
#ifndef PROXY_STATUS_NOTE_H
#define PROXY_STATUS_NOTE_H

#include "base/arena.h"
#include "base/buf.h"

#include <sys/types.h>

enum status_worker_state { STATUS_WORKER_STARTING, STATUS_WORKER_SERVING, STATUS_WORKER_DRAINING };

struct status_worker {
    pid_t pid; /* 0: not running at present */
    int64_t started_ms;
    enum status_worker_state state;
    uint64_t restarts;                /* how often one in its place has died */
    uint64_t sessions_open, sessions; /* since it began, with those in its place before */
};

struct status_note {
    const char *version, *file; /* of the program; the configuration's */
    int64_t loaded_ms;          /* when the last good configuration was taken over */
    int64_t refused_ms;         /* when a reload was last refused; 0: never */
    const char *refused_why;
    const struct status_worker *workers;
    size_t worker_count;
};

void status_note_write(const struct status_note *note, struct buf *out);
/** Lines that it does not know are left out; what is missing is empty. Texts are copied into arena. */
void status_note_read(struct slice text, struct arena *arena, struct status_note *out);
const char *status_worker_state_name(enum status_worker_state state);

#endif
