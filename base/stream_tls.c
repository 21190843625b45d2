/* stream_tls: TLS on a stream: the handshake, and records instead of plain bytes. See stream.h. */
#include "base/stream_private.h"

#include "base/tls/tls.h"

#include <errno.h>

ssize_t stream_tls_receive(struct stream *s, char *bytes, size_t room)
{
    size_t total = 0, n;
    enum tls_status status = TLS_DONE;
    while (total < room && (status = tls_read(s->tls, bytes + total, room - total, &n)) == TLS_DONE)
        total += n;
    s->tls_more = status != TLS_WANT_READ;
    if (total)
        return (ssize_t)total;
    errno = status == TLS_FAILED ? EPROTO : EAGAIN;
    return status == TLS_CLOSED ? 0 : -1;
}

ssize_t stream_tls_send(struct stream *s, struct slice bytes)
{
    size_t n;
    enum tls_status status = tls_write(s->tls, bytes, &n);
    if (status == TLS_DONE)
        return (ssize_t)n;
    errno = status == TLS_WANT_WRITE ? EAGAIN : EPROTO; /* without renegotiation, writing never waits for reading */
    return -1;
}

static void handshake_over(struct stream *s)
{
    s->handshaking = false;
    if (stream_call(s, s->handler->secured) && !s->paused && !s->ended)
        stream_want_input(s);
}

void stream_tls_step(struct stream *s)
{
    event_del(&s->reading);
    event_del(&s->writing);
    switch (tls_handshake(s->tls)) {
    case TLS_DONE:
        handshake_over(s);
        break;
    case TLS_WANT_READ:
        stream_watch(s, &s->reading, s->read_timeout_ms);
        break;
    case TLS_WANT_WRITE:
        stream_watch(s, &s->writing, s->write_timeout_ms);
        break;
    default:
        s->error = EPROTO;
        stream_finish(s, STREAM_ERROR);
        break;
    }
}

void stream_tls_begin(struct stream *s)
{
    s->tls_due = false;
    s->handshaking = true;
    stream_watch(s, &s->reading, s->read_timeout_ms);
    event_active(&s->reading, EV_READ, 0);
}

static size_t start(struct stream *s, struct tls_session *t)
{
    size_t dropped = stream_buffered(s);
    stream_drop_buffered(s);
    event_del(&s->reading);
    event_del(&s->waking);
    s->tls = t;
    s->tls_due = true;
    if (!s->corked && stream_unsent(s) == 0)
        stream_tls_begin(s);
    return dropped;
}

size_t stream_secure_server(struct stream *s, struct tls_server *server)
{
    return start(s, tls_session_accept(server, s->fd, (struct slice){NULL, 0}));
}

void stream_begin_server(struct stream *s, struct tls_server *server)
{
    start(s, tls_session_accept(server, s->fd, stream_peek(s)));
}

size_t stream_secure_client(struct stream *s, struct tls_client *client, const char *name, bool verify)
{
    return start(s, tls_session_connect(client, s->fd, name, verify));
}

struct tls_session *stream_tls(const struct stream *s)
{
    return s->tls && !s->tls_due && !s->handshaking ? s->tls : NULL;
}
