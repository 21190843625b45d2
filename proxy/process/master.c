/* master: see master.h.
 *
 * The newest good generation serves. One that is starting stands beside it until all of its workers listen; older ones drain until their
 * last worker has ended. */
#include "proxy/process/master.h"

#include "base/clock.h"
#include "base/log.h"
#include "proxy/process/generation.h"
#include "proxy/process/service.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_CONFIG = 78, EXIT_SYSTEM = 71, TICK_MS = 200, STARTING_TICK_MS = 20 };

struct master {
    const char *path;
    struct generation *all;      /* newest first */
    struct generation *current;  /* serves */
    struct generation *starting; /* is to take its place, or NULL */
    sigset_t signals;
    bool ending;
    int64_t since_ms;              /* when we began */
    int64_t loaded_ms, refused_ms; /* the last good and the last bad reload; 0: there was none */
    char refused_why[120];
};

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void add_generation(struct master *m, struct generation *g)
{
    g->next = m->all;
    m->all = g;
}

static void log_refusal(struct master *m, const char *reason)
{
    m->refused_ms = clock_unix_ms();
    snprintf(m->refused_why, sizeof m->refused_why, "%s", reason);
    log_event(LOG_LEVEL_ERROR, "config.refused", "file", m->path, "reason", reason, NULL);
    service_notify("READY=1");
}

static void tell_status(struct master *m)
{
    const struct status_note note = {.version = MAILWEIR_VERSION,
                                     .file = m->path,
                                     .loaded_ms = m->loaded_ms,
                                     .refused_ms = m->refused_ms,
                                     .refused_why = m->refused_why};
    generation_carry_status(m->current, m->all);
    generation_note_status(m->current, m->all, &note);
}

/** Some of its workers may have taken connections already: they drain like any other. */
static void give_up_starting(struct master *m, const char *reason)
{
    log_refusal(m, reason);
    generation_drain(m->starting, m->all);
    m->starting = NULL;
}

static void take_over(struct master *m)
{
    struct generation *old = m->current;
    m->current = m->starting;
    m->starting = NULL;
    m->loaded_ms = clock_unix_ms();
    generation_serve(m->current);
    tell_status(m);
    generation_publish_status(m->current, old, m->all, m->since_ms);
    generation_open_log(m->current);
    generation_drain(old, m->all);
    log_event(LOG_LEVEL_INFO, "config.loaded", "file", m->path, NULL);
    service_notify("READY=1");
}

static void watch_starting(struct master *m)
{
    if (!m->starting)
        return;
    if (generation_is_ready(m->starting))
        take_over(m);
    else if (m->starting->failure[0])
        give_up_starting(m, m->starting->failure);
}

/** A reload that is not done yet gives way to a good new one. */
static void reload(struct master *m)
{
    service_notify_reloading();
    struct generation *next = generation_load(m->path, true);
    if (!next || !generation_open(next, m->all)) {
        log_refusal(m, "errors; the running configuration stays");
        if (next)
            generation_free(next);
        return;
    }
    add_generation(m, next);
    if (m->starting)
        give_up_starting(m, "another reload came before all of its workers listened");
    m->starting = next;
    generation_start(next, m->all);
}

static void reap(struct master *m)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (struct generation *g = m->all; g; g = g->next)
            generation_note_death(g, pid, status);
}

/** The one that serves is kept to the end. */
static void free_drained(struct master *m)
{
    struct generation **link = &m->all;
    while (*link) {
        struct generation *g = *link;
        if (g != m->current && g->state == GENERATION_DRAINING && generation_alive(g) == 0) {
            *link = g->next;
            generation_retire_status(m->current, g);
            generation_free(g);
        } else
            link = &g->next;
    }
}

static void kill_late(struct master *m)
{
    for (struct generation *g = m->all; g; g = g->next)
        if (g->state == GENERATION_DRAINING && clock_monotonic_us() > g->patience_us)
            generation_signal(g, SIGKILL);
}

static void rotate_log(struct master *m)
{
    log_reopen();
    for (struct generation *g = m->all; g; g = g->next)
        generation_signal(g, SIGUSR1);
}

static void end_all(struct master *m)
{
    service_notify("STOPPING=1");
    m->ending = true;
    m->starting = NULL;
    for (struct generation *g = m->all; g; g = g->next)
        generation_drain(g, m->all);
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
    for (const struct generation *g = m->all; g; g = g->next)
        n += generation_alive(g);
    return n;
}

static int next_signal(const struct master *m)
{
    struct timespec tick = {.tv_nsec = (m->starting ? STARTING_TICK_MS : TICK_MS) * 1000L * 1000L};
    return sigtimedwait(&m->signals, NULL, &tick);
}

static void supervise(struct master *m)
{
    while (!m->ending || all_alive(m)) {
        int number = next_signal(m);
        reap(m);
        if (number > 0)
            handle_signal(m, number);
        watch_starting(m);
        if (!m->ending)
            generation_restart_dead(m->current, m->all);
        kill_late(m);
        free_drained(m);
        tell_status(m);
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

static void free_all(struct master *m)
{
    while (m->all) {
        struct generation *g = m->all;
        m->all = g->next;
        generation_free(g);
    }
}

int master_run(const char *config_path)
{
    struct master m = {.path = config_path, .since_ms = clock_unix_ms()};
    m.loaded_ms = m.since_ms;
    block_signals(&m);
    raise_descriptor_limit();
    m.current = generation_load(config_path, false);
    if (!m.current)
        return EXIT_CONFIG;
    add_generation(&m, m.current);
    if (!generation_open(m.current, NULL) || !generation_open_log(m.current)) {
        free_all(&m);
        return EXIT_SYSTEM;
    }
    write_pid_file(m.current->settings);
    log_event(LOG_LEVEL_INFO, "master.start", "file", config_path, "version", MAILWEIR_VERSION, NULL);
    tell_status(&m);
    generation_publish_status(m.current, NULL, m.all, m.since_ms);
    generation_serve(m.current); /* there is nothing to fall back to */
    generation_start(m.current, m.all);
    tell_status(&m);
    service_notify("READY=1");
    supervise(&m);
    log_event(LOG_LEVEL_INFO, "master.end", NULL);
    if (m.current->settings->pid_file)
        unlink(m.current->settings->pid_file);
    free_all(&m);
    return 0;
}
