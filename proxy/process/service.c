/* service: see service.h. The protocol is a datagram and two variables; a library for it would bring more code than it saves. */
#include "proxy/process/service.h"

#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_SOCKET = 3, SOCKETS_MAX = 256 };

static int handed_over(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    uint64_t number = 0;
    if (!pid || !count || !slice_to_u64(slice_of(pid), &number) || number != (uint64_t)getpid())
        return 0;
    return slice_to_u64(slice_of(count), &number) && number <= SOCKETS_MAX ? (int)number : 0;
}

static bool listens_at(int fd, const struct net_addr *address)
{
    struct sockaddr_storage sa;
    struct net_addr own;
    socklen_t length = sizeof sa;
    int listening = 0;
    socklen_t size = sizeof listening;
    return getsockname(fd, (struct sockaddr *)&sa, &length) == 0 && net_addr_from_sockaddr((struct sockaddr *)&sa, &own) &&
           own.family == address->family && own.port == address->port && memcmp(own.bytes, address->bytes, sizeof own.bytes) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

int service_socket(const struct net_addr *address)
{
    int count = handed_over();
    for (int fd = FIRST_SOCKET; fd < FIRST_SOCKET + count; fd++)
        if (listens_at(fd, address)) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
            return fd;
        }
    return -1;
}

void service_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof to.sun_path)
        return;
    strcpy(to.sun_path, path);
    if (path[0] == '@')
        to.sun_path[0] = '\0'; /* a name that is no file */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
    close(fd);
}

void service_notify_reloading(void)
{
    char text[80];
    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic_us());
    service_notify(text);
}
