/* generation_workers: the processes of a generation: how they begin, how they end and when they are started again. See generation.h. */
#include "proxy/process/generation.h"

#include "base/clock.h"
#include "proxy/process/master_log.h"
#include "proxy/process/privileges.h"
#include "proxy/process/worker.h"
#include "proxy/settings/settings_backends.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_SYSTEM = 71, RESTART_DELAY_MS = 1000, READY_MS = 60 * 1000 };

static void close_others(const struct generation *all, const struct generation *own)
{
    for (; all; all = all->next) {
        for (size_t i = 0; all != own && i < all->settings->listener_count; i++)
            close(all->sockets[i]);
        close(all->ready[0]);
        if (all != own)
            close(all->ready[1]);
    }
}

/** Asks the kernel to tell us when the master is gone. To be done after the change of user, which cancels it; and the master may have
 *  gone before. */
static bool follow_master(pid_t master)
{
    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == master;
}

/** What the log goes to is inherited, unless a starting generation wants another one than that which serves. */
static void give_up_privileges(const struct generation *g)
{
    if (g->state == GENERATION_STARTING && !generation_open_log(g))
        _exit(EXIT_SYSTEM);
    if (!privileges_drop(g->settings->user, settings_need_transparency(g->settings))) {
        master_log_error("user", g->settings->user ? g->settings->user : "(own)", strerror(errno));
        _exit(EXIT_SYSTEM);
    }
}

static _Noreturn void become_worker(const struct generation *g, const struct generation *all, pid_t master, struct status status,
                                    struct crowd_seat seat)
{
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    close_others(all, g);
    give_up_privileges(g);
    if (!follow_master(master))
        _exit(EXIT_SYSTEM);
    exit(worker_run(g->settings, g->sockets, g->ready[1], status, seat));
}

static void start_worker(struct generation *g, const struct generation *all, struct worker_slot *slot)
{
    pid_t master = getpid();
    size_t number = (size_t)(slot - g->workers);
    struct status status = {g->plan, stats_page_claim(g->stats, number)};
    crowd_clear(g->crowd, number);
    pid_t pid = fork();
    if (pid == 0)
        become_worker(g, all, master, status, (struct crowd_seat){g->crowd, number});
    slot->started_us = clock_monotonic_us();
    slot->restart_us = 0;
    slot->started_ms = clock_unix_ms();
    slot->pid = pid > 0 ? pid : 0;
    stats_page_set_writer(g->stats, number, slot->pid, slot->started_ms);
    if (pid < 0) {
        master_log_error("fork", "worker", strerror(errno));
        snprintf(g->failure, sizeof g->failure, "a worker could not be started");
        slot->restart_us = slot->started_us + RESTART_DELAY_MS * 1000;
    }
}

static void open_ready_pipe(struct generation *g)
{
    g->patience_us = clock_monotonic_us() + (int64_t)READY_MS * 1000;
    if (pipe2(g->ready, O_CLOEXEC | O_NONBLOCK) == 0)
        return;
    g->ready[0] = g->ready[1] = -1;
    snprintf(g->failure, sizeof g->failure, "no pipe to hear of the workers");
}

void generation_start(struct generation *g, const struct generation *all)
{
    if (g->state == GENERATION_STARTING)
        open_ready_pipe(g);
    for (size_t i = 0; i < g->worker_count && !g->failure[0]; i++)
        start_worker(g, all, &g->workers[i]);
    if (g->state == GENERATION_SERVING)
        g->failure[0] = '\0';
}

static void close_ready_pipe(struct generation *g)
{
    for (size_t i = 0; i < 2; i++) {
        if (g->ready[i] >= 0)
            close(g->ready[i]);
        g->ready[i] = -1;
    }
}

bool generation_is_ready(struct generation *g)
{
    char bytes[64];
    ssize_t n;
    while (g->ready[0] >= 0 && (n = read(g->ready[0], bytes, sizeof bytes)) > 0)
        g->ready_count += (size_t)n;
    if (g->ready_count < g->worker_count && !g->failure[0] && clock_monotonic_us() > g->patience_us)
        snprintf(g->failure, sizeof g->failure, "%zu of %zu workers did not listen within %d s", g->worker_count - g->ready_count,
                 g->worker_count, READY_MS / 1000);
    return g->ready_count == g->worker_count && !g->failure[0];
}

void generation_serve(struct generation *g)
{
    close_ready_pipe(g);
    g->state = GENERATION_SERVING;
}

void generation_signal(const struct generation *g, int number)
{
    for (size_t i = 0; i < g->worker_count; i++)
        if (g->workers[i].pid > 0)
            kill(g->workers[i].pid, number);
}

size_t generation_alive(const struct generation *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->worker_count; i++)
        n += g->workers[i].pid > 0;
    return n;
}

static void log_death(pid_t pid, int status)
{
    struct log_record r;
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    log_begin(&r, clean ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "worker.gone");
    log_number(&r, "worker", pid);
    if (WIFSIGNALED(status))
        log_number(&r, "signal", WTERMSIG(status));
    else
        log_number(&r, "status", WEXITSTATUS(status));
    log_end(&r);
}

static void note_failure(struct generation *g, pid_t pid, int status)
{
    bool killed = WIFSIGNALED(status);
    snprintf(g->failure, sizeof g->failure, "worker %d ended with %s %d before all listened", (int)pid, killed ? "signal" : "status",
             killed ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* One that died young is started again after a pause, lest a lasting fault spin. */
void generation_note_death(struct generation *g, pid_t pid, int status)
{
    for (size_t i = 0; i < g->worker_count; i++) {
        struct worker_slot *slot = &g->workers[i];
        if (slot->pid != pid)
            continue;
        int64_t now = clock_monotonic_us();
        slot->pid = 0;
        slot->deaths++;
        stats_page_set_writer(g->stats, i, 0, 0);
        crowd_clear(g->crowd, i);
        slot->restart_us = now - slot->started_us < RESTART_DELAY_MS * 1000 ? now + RESTART_DELAY_MS * 1000 : now;
        log_death(pid, status);
        if (g->state == GENERATION_STARTING)
            note_failure(g, pid, status);
    }
}

void generation_restart_dead(struct generation *g, const struct generation *all)
{
    for (size_t i = 0; i < g->worker_count; i++)
        if (g->workers[i].pid == 0 && clock_monotonic_us() >= g->workers[i].restart_us)
            start_worker(g, all, &g->workers[i]);
}
