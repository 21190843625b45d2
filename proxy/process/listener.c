/* listener: see listener.h.
 *
 * Clients may not take the last descriptors: sessions need some to reach the backend, to ask the DNS, to spool. From the last quarter of
 * them on, clients hear 421; if none at all is left, a spare one is given up for as long as it takes to say so. Where that does not help
 * either the listener rests for a while instead of spinning. */
#include "proxy/process/listener.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

enum { BACKLOG = 1024, ACCEPT_BATCH = 16, REST_MS = 200, LOG_EVERY_MS = 1000 };

struct listener {
    struct worker *worker;
    const struct listener_settings *settings;
    struct event *readable, *rest;
    size_t number;
    int spare;             /* a descriptor for nothing; -1: it is lost */
    int64_t complained_us; /* when the log last told that descriptors run out */
};

int listener_open(const struct net_addr *address, const char **error)
{
    struct sockaddr_storage sa;
    socklen_t length = net_addr_to_sockaddr(address, &sa);
    int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        *error = strerror(errno);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (sa.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&sa, length) != 0 || listen(fd, BACKLOG) != 0) {
        *error = strerror(errno);
        close(fd);
        return -1;
    }
    return fd;
}

static int take_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Once a second at most, however many come. */
static void complain(struct listener *l, const char *event, const char *reason)
{
    int64_t now = clock_monotonic_us();
    if (l->complained_us && now - l->complained_us < LOG_EVERY_MS * 1000)
        return;
    l->complained_us = now;
    log_event(LOG_LEVEL_ERROR, event, "reason", reason, NULL);
}

static void start_rest(struct listener *l)
{
    struct timeval tv = {.tv_usec = REST_MS * 1000};
    complain(l, "listener.rest", strerror(errno));
    event_del(l->readable);
    evtimer_add(l->rest, &tv);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
    struct listener *l = arg;
    event_add(l->readable, NULL);
}

static int accept_client(int listening, struct net_addr *client)
{
    struct sockaddr_storage sa;
    socklen_t length = sizeof sa;
    int fd = accept4(listening, (struct sockaddr *)&sa, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 || net_addr_from_sockaddr((struct sockaddr *)&sa, client))
        return fd;
    close(fd);
    errno = EAGAIN;
    return -1;
}

/* Where TLS comes first, a word in the clear would say nothing. */
static void turn_away(struct listener *l, int fd)
{
    static const char reply[] = "421 4.3.2 Too many sessions, please try again later\r\n";
    if (l->settings->tls != LISTENER_TLS_IMPLICIT)
        send(fd, reply, sizeof reply - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    close(fd);
    status_add_listener(&l->worker->status, l->number, STATUS_REFUSED_DESCRIPTORS);
}

/* False: not even the spare descriptor helps. */
static bool turn_away_with_spare(struct listener *l, int listening)
{
    struct net_addr client;
    if (l->spare < 0)
        l->spare = take_spare();
    if (l->spare < 0)
        return false;
    close(l->spare);
    int fd = accept_client(listening, &client), why = errno;
    if (fd >= 0)
        turn_away(l, fd);
    l->spare = take_spare();
    errno = why;
    return fd >= 0;
}

static bool out_of_descriptors(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

/* False: nobody else waits, or is to be looked after now. */
static bool take_client(struct listener *l, int listening)
{
    struct net_addr client;
    int fd = accept_client(listening, &client);
    if (fd >= 0 && fd < l->worker->descriptors) {
        session_open(l->worker, l->settings, fd, &client);
        return true;
    }
    if (fd >= 0) {
        complain(l, "listener.full", "most descriptors are in use");
        turn_away(l, fd);
        return true;
    }
    if (!out_of_descriptors(errno))
        return false;
    complain(l, "listener.full", strerror(errno));
    if (turn_away_with_spare(l, listening))
        return true;
    if (out_of_descriptors(errno))
        start_rest(l);
    return false;
}

static void on_connection(evutil_socket_t listening, short what, void *arg)
{
    struct listener *l = arg;
    for (int i = 0; i < ACCEPT_BATCH && take_client(l, listening); i++)
        ;
}

struct listener *listener_new(struct worker *w, const struct listener_settings *settings, int fd)
{
    struct listener *l = mem_alloc(sizeof *l);
    l->worker = w;
    l->settings = settings;
    l->number = (size_t)(settings - w->settings->listeners);
    l->spare = take_spare();
    l->readable = event_new(w->tools.base, fd, EV_READ | EV_PERSIST, on_connection, l);
    l->rest = evtimer_new(w->tools.base, on_rested, l);
    event_add(l->readable, NULL);
    return l;
}

void listener_free(struct listener **l)
{
    if (!*l)
        return;
    event_free((*l)->readable);
    event_free((*l)->rest);
    if ((*l)->spare >= 0)
        close((*l)->spare);
    mem_free(*l);
    *l = NULL;
}
