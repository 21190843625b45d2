/* tls_bio: the socket as OpenSSL sees it: first the bytes of the handshake that were read already, then the socket. It never raises
 * SIGPIPE. See tls_private.h. */
#include "base/tls/tls_private.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <sys/socket.h>

struct socket_bio {
    int fd;
    struct buf early;
    size_t taken;
    bool ended;
};

static int read_early(struct socket_bio *b, char *bytes, size_t room)
{
    size_t left = b->early.len - b->taken, n = left < room ? left : room;
    memcpy(bytes, b->early.ptr + b->taken, n);
    b->taken += n;
    if (b->taken == b->early.len) {
        buf_release(&b->early);
        b->taken = 0;
    }
    return (int)n;
}

static int on_read(BIO *bio, char *bytes, int room)
{
    struct socket_bio *b = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (b->early.len)
        return read_early(b, bytes, (size_t)room);
    ssize_t n = recv(b->fd, bytes, (size_t)room, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    b->ended = n == 0;
    return (int)n;
}

static int on_write(BIO *bio, const char *bytes, int length)
{
    struct socket_bio *b = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    ssize_t n = send(b->fd, bytes, (size_t)length, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(bio);
    return (int)n;
}

static long on_control(BIO *bio, int command, long number, void *pointer)
{
    const struct socket_bio *b = BIO_get_data(bio);
    (void)number, (void)pointer;
    if (command == BIO_CTRL_EOF)
        return b->ended;
    return command == BIO_CTRL_FLUSH;
}

static int on_destroy(BIO *bio)
{
    struct socket_bio *b = BIO_get_data(bio);
    if (b)
        buf_release(&b->early);
    mem_free(b);
    return 1;
}

static BIO_METHOD *make_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (!method)
        return NULL;
    BIO_meth_set_read(method, on_read);
    BIO_meth_set_write(method, on_write);
    BIO_meth_set_ctrl(method, on_control);
    BIO_meth_set_destroy(method, on_destroy);
    return method;
}

BIO *tls_bio_new(int fd, struct slice early)
{
    static BIO_METHOD *method; /* for the whole life of the process */
    if (!method)
        method = make_method();
    BIO *bio = method ? BIO_new(method) : NULL;
    if (!bio)
        return NULL;
    struct socket_bio *b = mem_alloc(sizeof *b);
    b->fd = fd;
    buf_add(&b->early, early);
    BIO_set_data(bio, b);
    BIO_set_init(bio, 1);
    return bio;
}
