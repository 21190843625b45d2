/* generation: configuration, sockets, directories and log of a generation. Its workers: generation_workers.c. See generation.h. */
#include "proxy/process/generation.h"

#include "base/clock.h"
#include "base/mem.h"
#include "proxy/process/listener.h"
#include "proxy/process/master_log.h"
#include "proxy/process/privileges.h"
#include "proxy/process/service.h"
#include "proxy/settings/settings_backends.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

struct generation *generation_load(const char *path, bool to_log)
{
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    struct settings *settings = settings_load(path, &errors);
    tell_errors(&errors, to_log);
    arena_free(&arena);
    if (!settings)
        return NULL;
    struct generation *g = mem_alloc(sizeof *g);
    g->settings = settings;
    g->plan = status_plan_new(settings);
    g->worker_count = settings_worker_count(settings);
    g->workers = mem_alloc(g->worker_count * sizeof *g->workers);
    g->crowd = crowd_new(g->worker_count, (size_t)settings->limits.sessions);
    g->ready[0] = g->ready[1] = -1;
    g->sockets = mem_alloc((settings->listener_count + 1) * sizeof *g->sockets);
    for (size_t i = 0; i < settings->listener_count; i++)
        g->sockets[i] = -1;
    return g;
}

void generation_free(struct generation *g)
{
    for (size_t i = 0; i < g->settings->listener_count; i++)
        if (g->sockets[i] >= 0)
            close(g->sockets[i]);
    for (size_t i = 0; i < 2; i++)
        if (g->ready[i] >= 0)
            close(g->ready[i]);
    stats_page_free(&g->stats);
    crowd_free(&g->crowd);
    mem_free(g->sockets);
    mem_free(g->workers);
    settings_free(&g->settings);
    mem_free(g);
}

static bool same_address(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/** The socket that a generation other than g has open at an address, or -1. */
static int find_socket(const struct generation *all, const struct generation *g, const struct net_addr *address)
{
    for (; all; all = all->next)
        for (size_t i = 0; all != g && i < all->settings->listener_count; i++)
            if (all->sockets[i] >= 0 && same_address(&all->settings->listeners[i].address, address))
                return all->sockets[i];
    return -1;
}

static int share_or_open(const struct generation *others, const struct net_addr *address, const char **error)
{
    int shared = find_socket(others, NULL, address);
    if (shared < 0)
        shared = service_socket(address);
    if (shared < 0)
        return listener_open(address, error);
    int fd = dup(shared);
    *error = strerror(errno);
    return fd;
}

static bool open_sockets(struct generation *g, const struct generation *others)
{
    for (size_t i = 0; i < g->settings->listener_count; i++) {
        const struct net_addr *address = &g->settings->listeners[i].address;
        const char *error = NULL;
        char text[NET_ADDR_TEXT];
        g->sockets[i] = share_or_open(others, address, &error);
        if (g->sockets[i] < 0) {
            master_log_error("listener", net_addr_format(address, text), error);
            return false;
        }
    }
    return true;
}

static bool prepare_system(const struct settings *settings)
{
    if (geteuid() == 0 && (!settings->user || !privileges_user_exists(settings->user))) {
        master_log_error("user", settings->user ? settings->user : "(none)", "no such account; a root start needs one to run workers as");
        return false;
    }
    if (settings_need_transparency(settings) && !privileges_can_be_transparent()) {
        master_log_error("backends", "identity: transparent",
                         "needs CAP_NET_ADMIN: start as root, or with AmbientCapabilities=CAP_NET_ADMIN in the service's unit");
        return false;
    }
    const char *const directories[] = {settings->state.directory, settings->spool.directory};
    for (size_t i = 0; i < 2; i++)
        if (directories[i] && !privileges_prepare_directory(directories[i], settings->user)) {
            master_log_error("directory", directories[i], strerror(errno));
            return false;
        }
    return true;
}

bool generation_open(struct generation *g, const struct generation *others)
{
    if (!open_sockets(g, others) || !prepare_system(g->settings))
        return false;
    generation_open_status(g);
    return true;
}

bool generation_open_log(const struct generation *g)
{
    const char *error = NULL;
    uid_t uid;
    gid_t gid;
    if (g->settings->user && privileges_find_user(g->settings->user, &uid, &gid))
        log_set_owner(uid, gid);
    if (log_open(&g->settings->log, &error))
        return true;
    master_log_error("log", g->settings->log.to, error);
    return false;
}

/* The ports close at once, also for the workers that are still to hear of it: who comes now must meet whoever serves next, or nobody, but
 * no open port without a greeting; and whoever serves next may want to open the same port. */
static void close_sockets(struct generation *g, const struct generation *all)
{
    for (size_t i = 0; i < g->settings->listener_count; i++) {
        if (g->sockets[i] < 0)
            continue;
        const struct net_addr *address = &g->settings->listeners[i].address;
        if (find_socket(all, g, address) < 0 && service_socket(address) < 0)
            shutdown(g->sockets[i], SHUT_RDWR);
        close(g->sockets[i]);
        g->sockets[i] = -1;
    }
}

void generation_drain(struct generation *g, const struct generation *all)
{
    enum { KILL_SLACK_MS = 5000 };
    close_sockets(g, all);
    if (g->state != GENERATION_DRAINING)
        g->patience_us = clock_monotonic_us() + (g->settings->drain_ms + KILL_SLACK_MS) * 1000;
    g->state = GENERATION_DRAINING;
    generation_signal(g, SIGTERM);
}
