/* generation_status: the statistics page of a generation, and how counts pass from one generation to the next. See generation.h. */
#include "proxy/process/generation.h"

#include "proxy/process/privileges.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { GENERATIONS_MAX = 64 }; /* that drain at once and are looked at */

static bool prepare_directory(const char *path, const char *user)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (len == 0)
        return true;
    if (len >= sizeof directory) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(directory, path, len);
    directory[len] = '\0';
    return privileges_prepare_directory(directory, user);
}

static void log_unavailable(const char *path, const char *reason)
{
    log_event(LOG_LEVEL_WARNING, "status.unavailable", "file", path, "reason", reason, NULL);
}

void generation_open_status(struct generation *g)
{
    const struct settings *s = g->settings;
    const char *error;
    struct stats_file file = {.path = s->status.file};
    if (file.path && !prepare_directory(file.path, s->user)) {
        log_unavailable(file.path, strerror(errno));
        file.path = NULL;
    }
    file.owned = geteuid() == 0 && s->user && privileges_find_user(s->user, &file.uid, &file.gid);
    g->stats = stats_page_new(&file, g->plan->defs, g->plan->count, g->worker_count, &error);
    if (error)
        log_unavailable(file.path, error);
}

void generation_publish_status(struct generation *g, struct generation *before, const struct generation *all, int64_t since_ms)
{
    if (before)
        stats_page_inherit(g->stats, before->stats);
    generation_carry_status(g, all);
    if (!stats_page_publish(g->stats, since_ms, getpid()))
        log_unavailable(g->settings->status.file, strerror(errno));
    if (before)
        stats_page_yield(before->stats, g->stats);
}

void generation_carry_status(struct generation *g, const struct generation *all)
{
    const struct stats_page *others[GENERATIONS_MAX];
    size_t count = 0;
    for (; all; all = all->next)
        if (all != g && count < GENERATIONS_MAX)
            others[count++] = all->stats;
    stats_page_carry(g->stats, others, count);
}

void generation_retire_status(struct generation *g, const struct generation *ended)
{
    stats_page_retire(g->stats, ended->stats);
}

static struct status_worker describe_worker(const struct generation *g, size_t i)
{
    const uint64_t *counters = stats_page_slot(g->stats, i);
    return (struct status_worker){
        .pid = g->workers[i].pid,
        .started_ms = g->workers[i].started_ms,
        .state = g->state == GENERATION_SERVING    ? STATUS_WORKER_SERVING
                 : g->state == GENERATION_DRAINING ? STATUS_WORKER_DRAINING
                                                   : STATUS_WORKER_STARTING,
        .restarts = g->workers[i].deaths,
        .sessions_open = counters[STATUS_SESSIONS_OPEN],
        .sessions = counters[STATUS_SESSIONS],
    };
}

/* A place that is empty is told of only where somebody will take it. */
static size_t describe_workers(const struct generation *g, struct status_worker *out, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < g->worker_count && count < room; i++)
        if (g->workers[i].pid || g->state == GENERATION_SERVING)
            out[count++] = describe_worker(g, i);
    return count;
}

void generation_note_status(struct generation *g, const struct generation *all, const struct status_note *note)
{
    enum { WORKERS_TOLD_MAX = 512 };
    struct status_worker workers[WORKERS_TOLD_MAX];
    struct status_note full = *note;
    struct buf text = {0};
    full.workers = workers;
    full.worker_count = describe_workers(g, workers, WORKERS_TOLD_MAX);
    for (; all; all = all->next)
        if (all != g)
            full.worker_count += describe_workers(all, workers + full.worker_count, WORKERS_TOLD_MAX - full.worker_count);
    status_note_write(&full, &text);
    stats_page_note(g->stats, buf_slice(&text));
    buf_release(&text);
}
