/* master: see master.h.
 *
 * A generation is one configuration with its sockets and workers. The newest one serves; older ones drain until their last
 * worker has ended. */
#include "proxy/process/master.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/process/listener.h"
#include "proxy/process/privileges.h"
#include "proxy/process/worker.h"
#include "proxy/settings/settings.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_CONFIG = 78, EXIT_SYSTEM = 71, RESTART_DELAY_MS = 1000, KILL_SLACK_MS = 5000 };

struct slot {
    pid_t pid; /* 0: none */
    int64_t started_us;
    int64_t restart_us; /* when to start again; 0: at once */
};

struct generation {
    struct settings *settings;
    struct arena *arena; /* of the errors */
    int *sockets;
    struct slot *workers;
    size_t worker_count;
    int64_t kill_us; /* draining: when patience ends; 0: it serves */
    struct generation *older;
};

struct master {
    const char *path;
    struct generation *current;
    sigset_t signals;
    bool ending;
};

/* At the start a person reads; later only the log does. */
static void tell_errors(const struct conf_errors *errors, bool to_log)
{
    if (!to_log) {
        conf_errors_print(errors, stderr);
        return;
    }
    for (const struct conf_error *e = errors->first; e; e = e->next) {
        struct log_record r;
        log_begin(&r, e->severity == CONF_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "config");
        log_text(&r, "file", e->file ? e->file : "");
        log_number(&r, "line", e->line);
        log_number(&r, "column", e->column);
        log_text(&r, "text", e->text);
        log_end(&r);
    }
}

static void system_error(const char *what, const char *which, const char *why)
{
    log_event(LOG_LEVEL_ERROR, "master.error", "what", what, "which", which, "reason", why, NULL);
}

static struct generation *generation_load(const char *path, bool to_log)
{
    struct generation *g = mem_alloc(sizeof *g);
    struct conf_errors errors;
    g->arena = arena_new();
    conf_errors_init(&errors, g->arena);
    g->settings = settings_load(path, &errors);
    tell_errors(&errors, to_log);
    if (g->settings)
        return g;
    arena_free(&g->arena);
    mem_free(g);
    return NULL;
}

/* The ports close at once: who comes now must meet whoever serves next, or nobody, but no open port without a greeting. */
static void close_sockets(struct generation *g)
{
    for (size_t i = 0; g->sockets && i < g->settings->listener_count; i++) {
        if (g->sockets[i] >= 0)
            close(g->sockets[i]);
        g->sockets[i] = -1;
    }
}

static void generation_free(struct generation *g)
{
    close_sockets(g);
    mem_free(g->sockets);
    mem_free(g->workers);
    settings_free(&g->settings);
    arena_free(&g->arena);
    mem_free(g);
}

static bool same_address(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* A port that the running configuration has open already is shared, so that no connection in its queue is lost. */
static int inherit_socket(const struct generation *from, const struct net_addr *address)
{
    for (size_t i = 0; from && i < from->settings->listener_count; i++)
        if (same_address(&from->settings->listeners[i].address, address))
            return dup(from->sockets[i]);
    return -1;
}

static bool open_sockets(struct generation *g, const struct generation *from)
{
    const struct settings *settings = g->settings;
    g->sockets = mem_alloc((settings->listener_count + 1) * sizeof *g->sockets);
    for (size_t i = 0; i < settings->listener_count; i++)
        g->sockets[i] = -1;
    for (size_t i = 0; i < settings->listener_count; i++) {
        const struct net_addr *address = &settings->listeners[i].address;
        const char *error = NULL;
        char text[NET_ADDR_TEXT];
        g->sockets[i] = inherit_socket(from, address);
        if (g->sockets[i] < 0)
            g->sockets[i] = listener_open(address, &error);
        if (g->sockets[i] < 0) {
            system_error("listener", net_addr_format(address, text), error);
            return false;
        }
    }
    return true;
}

static bool prepare_system(const struct settings *settings)
{
    const char *error = NULL;
    if (geteuid() == 0 && (!settings->user || !privileges_user_exists(settings->user))) {
        system_error("user", settings->user ? settings->user : "(none)", "no such account; a root start needs one to run workers as");
        return false;
    }
    const char *const directories[] = {settings->state.directory, settings->spool.directory};
    for (size_t i = 0; i < 2; i++)
        if (directories[i] && !privileges_prepare_directory(directories[i], settings->user)) {
            system_error("directory", directories[i], strerror(errno));
            return false;
        }
    if (!log_open(&settings->log, &error)) {
        system_error("log", settings->log.to, error);
        return false;
    }
    return true;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static _Noreturn void become_worker(struct master *m, struct generation *g)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    for (struct generation *old = m->current; old; old = old->older)
        for (size_t i = 0; old != g && i < old->settings->listener_count; i++)
            close(old->sockets[i]);
    if (!privileges_drop(g->settings->user)) {
        system_error("user", g->settings->user ? g->settings->user : "(own)", strerror(errno));
        _exit(EXIT_SYSTEM);
    }
    exit(worker_run(g->settings, g->sockets));
}

static void start_worker(struct master *m, struct generation *g, struct slot *slot)
{
    pid_t pid = fork();
    if (pid == 0)
        become_worker(m, g);
    slot->started_us = clock_monotonic_us();
    slot->restart_us = 0;
    slot->pid = pid > 0 ? pid : 0;
    if (pid < 0) {
        system_error("fork", "worker", strerror(errno));
        slot->restart_us = slot->started_us + RESTART_DELAY_MS * 1000;
    }
}

static void start_workers(struct master *m, struct generation *g)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    g->worker_count = g->settings->workers ? (size_t)g->settings->workers : (size_t)(cores > 0 ? cores : 1);
    g->workers = mem_alloc(g->worker_count * sizeof *g->workers);
    for (size_t i = 0; i < g->worker_count; i++)
        start_worker(m, g, &g->workers[i]);
}

static void signal_workers(const struct generation *g, int number)
{
    for (size_t i = 0; i < g->worker_count; i++)
        if (g->workers[i].pid > 0)
            kill(g->workers[i].pid, number);
}

static void drain(struct generation *g)
{
    close_sockets(g);
    if (!g->kill_us)
        g->kill_us = clock_monotonic_us() + (g->settings->drain_ms + KILL_SLACK_MS) * 1000;
    signal_workers(g, SIGTERM);
}

static size_t alive(const struct generation *g)
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

/* One that died young is started again after a pause, lest a lasting fault spin. */
static void note_death(struct generation *g, pid_t pid, int status)
{
    for (size_t i = 0; i < g->worker_count; i++) {
        struct slot *slot = &g->workers[i];
        if (slot->pid != pid)
            continue;
        int64_t now = clock_monotonic_us();
        slot->pid = 0;
        slot->restart_us = now - slot->started_us < RESTART_DELAY_MS * 1000 ? now + RESTART_DELAY_MS * 1000 : now;
        log_death(pid, status);
    }
}

static void reap(struct master *m)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (struct generation *g = m->current; g; g = g->older)
            note_death(g, pid, status);
}

static void free_drained(struct master *m)
{
    struct generation **link = &m->current->older;
    while (*link) {
        struct generation *g = *link;
        if (alive(g) == 0) {
            *link = g->older;
            generation_free(g);
        } else
            link = &g->older;
    }
}

static void restart_dead(struct master *m)
{
    struct generation *g = m->current;
    for (size_t i = 0; !m->ending && i < g->worker_count; i++)
        if (g->workers[i].pid == 0 && clock_monotonic_us() >= g->workers[i].restart_us)
            start_worker(m, g, &g->workers[i]);
}

static void kill_late(struct master *m)
{
    for (struct generation *g = m->current; g; g = g->older)
        if (g->kill_us && clock_monotonic_us() > g->kill_us)
            signal_workers(g, SIGKILL);
}

static void reload(struct master *m)
{
    struct generation *next = generation_load(m->path, true);
    if (!next || !open_sockets(next, m->current) || !prepare_system(next->settings)) {
        log_event(LOG_LEVEL_ERROR, "config.refused", "file", m->path, "reason", "errors; the running configuration stays", NULL);
        if (next)
            generation_free(next);
        return;
    }
    next->older = m->current;
    m->current = next;
    start_workers(m, next);
    drain(next->older);
    log_event(LOG_LEVEL_INFO, "config.loaded", "file", m->path, NULL);
}

static void rotate_log(struct master *m)
{
    log_reopen();
    for (struct generation *g = m->current; g; g = g->older)
        signal_workers(g, SIGUSR1);
}

static void end_all(struct master *m)
{
    m->ending = true;
    for (struct generation *g = m->current; g; g = g->older)
        drain(g);
}

static void handle_signal(struct master *m, int number)
{
    if (number == SIGHUP && !m->ending)
        reload(m);
    else if (number == SIGTERM || number == SIGINT)
        end_all(m);
    else if (number == SIGUSR1)
        rotate_log(m);
}

static size_t all_alive(const struct master *m)
{
    size_t n = 0;
    for (const struct generation *g = m->current; g; g = g->older)
        n += alive(g);
    return n;
}

static void supervise(struct master *m)
{
    static const struct timespec tick = {.tv_nsec = 200 * 1000 * 1000};
    while (!m->ending || all_alive(m)) {
        int number = sigtimedwait(&m->signals, NULL, &tick);
        reap(m);
        if (number > 0)
            handle_signal(m, number);
        restart_dead(m);
        kill_late(m);
        free_drained(m);
    }
}

static void block_signals(struct master *m)
{
    static const int numbers[] = {SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGCHLD};
    sigemptyset(&m->signals);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaddset(&m->signals, numbers[i]);
    sigprocmask(SIG_BLOCK, &m->signals, NULL);
}

static void write_pid_file(const struct settings *settings)
{
    FILE *f = settings->pid_file ? fopen(settings->pid_file, "w") : NULL;
    if (!f)
        return;
    fprintf(f, "%d\n", (int)getpid());
    fclose(f);
}

int master_run(const char *config_path)
{
    struct master m = {.path = config_path};
    block_signals(&m);
    raise_descriptor_limit();
    m.current = generation_load(config_path, false);
    if (!m.current)
        return EXIT_CONFIG;
    if (!open_sockets(m.current, NULL) || !prepare_system(m.current->settings)) {
        generation_free(m.current);
        return EXIT_SYSTEM;
    }
    write_pid_file(m.current->settings);
    log_event(LOG_LEVEL_INFO, "master.start", "file", config_path, "version", MAILWEIR_VERSION, NULL);
    start_workers(&m, m.current);
    supervise(&m);
    log_event(LOG_LEVEL_INFO, "master.end", NULL);
    if (m.current->settings->pid_file)
        unlink(m.current->settings->pid_file);
    while (m.current) {
        struct generation *g = m.current;
        m.current = g->older;
        generation_free(g);
    }
    return 0;
}
