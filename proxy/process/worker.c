/* worker: see worker.h. */
#include "proxy/process/worker.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stream.h"
#include "proxy/process/listener.h"
#include "proxy/process/sandbox.h"
#include "proxy/process/worker_status.h"
#include "proxy/session/session.h"
#include "proxy/settings/settings_state.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TICK_MS = 1000 };

struct serving {
    struct worker worker; /* first: a worker is also its serving */
    const int *sockets;
    bool listening;
    bool closed; /* the sockets */
    int ready;   /* tells the master that we listen; -1: it need not know */
    struct listener **listeners;
    struct event *terminate, *rotate, *drained, *tick;
};

static void say_ready(struct serving *v)
{
    if (v->ready < 0)
        return;
    ssize_t ignored = write(v->ready, "", 1); /* if the master is gone it does not matter */
    (void)ignored;
    close(v->ready);
    v->ready = -1;
}

static bool all_known(const struct worker *w)
{
    for (size_t i = 0; i < w->settings->backend_count; i++)
        if (!w->backends[i].known)
            return false;
    return true;
}

/* Once we know of every backend what to offer. */
static void start_listening(void *ctx)
{
    struct serving *v = ctx;
    const struct settings *settings = v->worker.settings;
    if (v->worker.draining || v->listening || !all_known(&v->worker))
        return;
    v->listening = true;
    for (size_t i = 0; i < settings->listener_count; i++)
        v->listeners[i] = listener_new(&v->worker, &settings->listeners[i], v->sockets[i]);
    say_ready(v);
}

static void stop_listening(struct serving *v)
{
    for (size_t i = 0; !v->closed && i < v->worker.settings->listener_count; i++) {
        listener_free(&v->listeners[i]);
        close(v->sockets[i]);
    }
    v->closed = true;
}

void worker_session_ended(struct worker *w)
{
    if (w->draining && w->session_count == 0)
        event_base_loopbreak(w->tools.base);
}

/* Sessions may end, and leave the list, while it is walked: the next one is taken first. */
static void each_session(struct worker *w, void (*fn)(struct session *s))
{
    for (struct session *s = w->sessions, *next; s; s = next) {
        next = session_next(s);
        fn(s);
    }
}

static void on_terminate(evutil_socket_t fd, short what, void *arg)
{
    struct serving *v = arg;
    struct worker *w = &v->worker;
    if (w->draining)
        return;
    log_event(LOG_LEVEL_INFO, "worker.drain", NULL);
    w->draining = true;
    stop_listening(v);
    int64_t ms = w->settings->drain_ms;
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    evtimer_add(v->drained, &tv);
    each_session(w, session_drain);
    worker_session_ended(w);
}

static void on_drain_over(evutil_socket_t fd, short what, void *arg)
{
    struct serving *v = arg;
    log_event(LOG_LEVEL_WARNING, "worker.drain", "reason", "time is over, open sessions are cut", NULL);
    event_base_loopbreak(v->worker.tools.base);
}

static void on_rotate(evutil_socket_t fd, short what, void *arg)
{
    log_reopen();
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct serving *v = arg;
    struct worker *w = &v->worker;
    worker_status_backends(w);
    if (w->tools.state)
        state_tick(w->tools.state, clock_unix_ms());
}

static bool open_dns(struct worker *w)
{
    struct dns_options options = settings_dns_options(&w->settings->dns);
    const char *error = NULL;
    w->tools.dns = dns_new(w->tools.base, &options, &error);
    if (!w->tools.dns)
        log_event(LOG_LEVEL_ERROR, "dns.unavailable", "reason", error, NULL);
    return w->tools.dns != NULL;
}

static int descriptors_for_clients(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
        return INT_MAX;
    return (int)(limit.rlim_cur / 4 * 3);
}

static void init_spool(struct worker *w)
{
    const struct spool_settings *s = &w->settings->spool;
    w->spool = (struct spool_pool){
        .directory = s->directory,
        .memory_per_message = (size_t)s->memory_per_message,
        .memory_total = (size_t)s->memory_total,
        .disk_total = (uint64_t)s->disk_total,
    };
}

static void watch_signals(struct serving *v)
{
    struct event_base *base = v->worker.tools.base;
    static const struct timeval every = {.tv_sec = TICK_MS / 1000, .tv_usec = TICK_MS % 1000 * 1000};
    v->terminate = evsignal_new(base, SIGTERM, on_terminate, v);
    v->rotate = evsignal_new(base, SIGUSR1, on_rotate, v);
    v->drained = evtimer_new(base, on_drain_over, v);
    v->tick = event_new(base, -1, EV_PERSIST, on_tick, v);
    event_add(v->terminate, NULL);
    event_add(v->rotate, NULL);
    event_add(v->tick, &every);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_tools(struct serving *v)
{
    struct worker *w = &v->worker;
    dns_free(&w->tools.dns);
    state_free(&w->tools.state);
    mem_free(v->listeners);
    mem_free(w->backends);
    event_base_free(w->tools.base);
}

/** A signal that comes when its handler has gone would kill us. */
static void block_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

static void close_backends(struct worker *w)
{
    for (size_t i = 0; i < w->settings->backend_count; i++)
        backend_release(&w->backends[i]);
}

static void open_backends(struct serving *v)
{
    struct worker *w = &v->worker;
    const struct settings *settings = w->settings;
    const struct backend_tools tools = {
        .base = w->tools.base,
        .dns = w->tools.dns,
        .directory = settings->state.directory,
        .hostname = settings->hostname,
        .workers = settings_worker_count(settings),
        .learnt = start_listening,
        .ctx = v,
    };
    for (size_t i = 0; i < settings->backend_count; i++)
        backend_init(&w->backends[i], &settings->backends[i], &tools);
}

static void release(struct serving *v)
{
    struct worker *w = &v->worker;
    block_signals();
    stop_listening(v);
    each_session(w, session_abort);
    close_backends(w);
    stream_drop_closing();
    event_free(v->terminate);
    event_free(v->rotate);
    event_free(v->drained);
    event_free(v->tick);
    close_tools(v);
}

int worker_run(const struct settings *settings, const int *sockets, int ready, struct status status, struct crowd_seat seat)
{
    struct serving v = {.worker = {.settings = settings, .status = status, .seat = seat}, .sockets = sockets, .ready = ready};
    struct worker *w = &v.worker;
    v.listeners = mem_alloc(settings->listener_count * sizeof *v.listeners);
    w->backends = mem_alloc(settings->backend_count * sizeof *w->backends);
    w->tools.base = event_base_new();
    init_spool(w);
    w->descriptors = descriptors_for_clients();
    w->tools.state = settings_state_open(settings, w->tools.base);
    if (!open_dns(w)) {
        close_tools(&v);
        return 1;
    }
    watch_signals(&v);
    open_backends(&v);
    if (!sandbox_enter()) {
        log_event(LOG_LEVEL_ERROR, "worker.sandbox", "reason", strerror(errno), NULL);
        release(&v);
        return 1;
    }
    event_base_dispatch(w->tools.base);
    release(&v);
    log_event(LOG_LEVEL_INFO, "worker.end", NULL);
    return 0;
}
