/* generation: one configuration with the sockets it listens on and the workers that serve it. Used by master.c only.
 *
 * A generation begins as STARTING beside the one that serves, takes its place when all of its workers listen, or is given up.
 * Generations that listen at the same address share the socket, so that no connection in its queue is lost. */
#ifndef PROXY_GENERATION_H
#define PROXY_GENERATION_H

#include "proxy/front/crowd.h"
#include "proxy/settings/settings.h"
#include "proxy/status/status_note.h"
#include "proxy/status/status_plan.h"

#include <sys/types.h>

enum generation_state {
    GENERATION_STARTING, /* not all of its workers listen yet; the death of one of them is the end of it */
    GENERATION_SERVING,  /* its workers are replaced when they die */
    GENERATION_DRAINING, /* takes no connections any more; over when its last worker has ended */
};

struct worker_slot {
    pid_t pid; /* 0: none */
    int64_t started_us;
    int64_t started_ms; /* the same by the calendar */
    int64_t restart_us; /* when to start again; 0: at once */
    unsigned deaths;    /* how often one in this place has ended before its time */
};

struct generation {
    enum generation_state state;
    struct settings *settings;
    int *sockets; /* one for each listener; -1: closed */
    struct worker_slot *workers;
    size_t worker_count;
    int ready[2];                   /* STARTING: a pipe into which each worker writes a byte when it listens; else -1 */
    size_t ready_count;             /* bytes that came out of it */
    int64_t patience_us;            /* STARTING: until when it may; DRAINING: when its workers are killed */
    char failure[80];               /* STARTING: why it has to be given up; "": nothing is wrong */
    const struct status_plan *plan; /* what its workers count */
    struct stats_page *stats;       /* where: a slot for each of them */
    struct crowd *crowd;            /* the clients of all of them */
    struct generation *next;        /* all there are, in a list of the master's */
};

/** Reads a configuration. NULL: it has errors, which are told on standard error or, to_log, in the log. */
struct generation *generation_load(const char *path, bool to_log);
/** Opens its sockets, or shares those of the others, and makes its directories. False: the log says why. */
bool generation_open(struct generation *g, const struct generation *others);
/** Makes its log that of this process; files that root creates belong to its user. False: the log used so far says why. */
bool generation_open_log(const struct generation *g);
/** Makes the page its workers count in; if no file can be made for it the log says so, and mail flows all the same. */
void generation_open_status(struct generation *g);
/** Shows its page to others. before: the generation of all whose place it takes, with whose counts it goes on; NULL: none. */
void generation_publish_status(struct generation *g, struct generation *before, const struct generation *all, int64_t since_ms);
/** Counts what all others have counted so far as its own. */
void generation_carry_status(struct generation *g, const struct generation *all);
/** Tells about itself and the workers of all, beside its counts. note: what else there is to tell. */
void generation_note_status(struct generation *g, const struct generation *all, const struct status_note *note);
/** The workers of that one have ended: what they counted stays with g. */
void generation_retire_status(struct generation *g, const struct generation *ended);
/** Closes everything. Its workers must have ended. */
void generation_free(struct generation *g);

/** Starts the workers. all: the list with this and the other generations, whose sockets they close. A generation that is to serve at
 *  once is SERVING already. */
void generation_start(struct generation *g, const struct generation *all);
/** Whether all of its workers have said that they listen. */
bool generation_is_ready(struct generation *g);
/** From STARTING to SERVING. */
void generation_serve(struct generation *g);
/** Its ports close unless another one in the list has them open, too; its workers are told to finish. */
void generation_drain(struct generation *g, const struct generation *all);
/** A process has ended: it may have been one of its workers. */
void generation_note_death(struct generation *g, pid_t pid, int status);
/** Starts workers in the place of dead ones, when their time has come. */
void generation_restart_dead(struct generation *g, const struct generation *all);
void generation_signal(const struct generation *g, int number);
size_t generation_alive(const struct generation *g);

#endif
