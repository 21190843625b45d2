/* listener: see listener.h. When descriptors run out it rests for a while instead of spinning. */
#include "proxy/process/listener.h"

#include "base/log.h"
#include "base/mem.h"
#include "proxy/session/session.h"

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

enum { BACKLOG = 1024, ACCEPT_BATCH = 16, REST_MS = 200 };

struct listener {
    struct worker *worker;
    const struct listener_settings *settings;
    struct event *readable, *rest;
    bool resting;
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

static void start_rest(struct listener *l)
{
    struct timeval tv = {.tv_usec = REST_MS * 1000};
    if (!l->resting)
        log_event(LOG_LEVEL_ERROR, "listener.rest", "reason", strerror(errno), NULL);
    l->resting = true;
    event_del(l->readable);
    evtimer_add(l->rest, &tv);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
    struct listener *l = arg;
    event_add(l->readable, NULL);
}

static void on_connection(evutil_socket_t listening, short what, void *arg)
{
    struct listener *l = arg;
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        struct sockaddr_storage sa;
        socklen_t length = sizeof sa;
        int fd = accept4(listening, (struct sockaddr *)&sa, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                start_rest(l);
            return;
        }
        l->resting = false;
        struct net_addr client;
        if (net_addr_from_sockaddr((struct sockaddr *)&sa, &client))
            session_open(l->worker, l->settings, fd, &client);
        else
            close(fd);
    }
}

struct listener *listener_new(struct worker *w, const struct listener_settings *settings, int fd)
{
    struct listener *l = mem_alloc(sizeof *l);
    l->worker = w;
    l->settings = settings;
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
    mem_free(*l);
    *l = NULL;
}
