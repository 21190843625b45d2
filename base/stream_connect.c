/* stream_connect: a socket on its way to an address or to a unix socket. See stream.h. */
#include "base/stream_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t make_address(const struct stream_target *to, struct sockaddr_storage *sa)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (!to->path)
        return net_addr_to_sockaddr(&to->address, sa);
    size_t length = strlen(to->path);
    if (length >= sizeof un.sun_path)
        return 0;
    memcpy(un.sun_path, to->path, length + 1);
    memset(sa, 0, sizeof *sa);
    memcpy(sa, &un, sizeof un);
    return sizeof un;
}

/* The port is chosen when the other end is known, so that many connections may share it. */
static bool bind_source(evutil_socket_t fd, const struct stream_target *to)
{
    static const int on = 1;
    struct sockaddr_storage sa;
    struct net_addr source = to->source;
    source.port = 0;
    if (source.family != to->address.family || to->path) {
        errno = EAFNOSUPPORT;
        return false;
    }
    bool six = source.family == AF_INET6;
    socklen_t length = net_addr_to_sockaddr(&source, &sa);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    return setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_TRANSPARENT : IP_TRANSPARENT, &on, sizeof on) == 0 &&
           bind(fd, (struct sockaddr *)&sa, length) == 0;
}

static bool set_out(evutil_socket_t fd, const struct stream_target *to, const struct sockaddr_storage *sa, socklen_t length)
{
    if (to->source.family && !bind_source(fd, to))
        return false;
    return connect(fd, (const struct sockaddr *)sa, length) == 0 || errno == EINPROGRESS;
}

evutil_socket_t stream_socket_to(const struct stream_target *to)
{
    struct sockaddr_storage sa;
    socklen_t length = make_address(to, &sa);
    if (length == 0) {
        errno = ENAMETOOLONG;
        return -1;
    }
    evutil_socket_t fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || set_out(fd, to, &sa, length))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}
