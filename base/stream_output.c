/* stream_output: the way out of a stream: straight to the socket, through TLS if there is, and what it does not take is kept. See stream.h.
 */
#include "base/stream_private.h"

#include "base/tls/tls.h"

#include <errno.h>

enum { TLS_RECORD = 16 * 1024 }; /* pieces are gathered to this, so that each does not cost a record */

static ssize_t send_piece(struct stream *s, struct slice bytes, int flags)
{
    return s->tls && !s->tls_due ? stream_tls_send(s, bytes) : send(s->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL | flags);
}

/* Sends what the socket takes. False: the connection is broken. */
static bool send_some(struct stream *s, struct slice *bytes, int flags)
{
    while (bytes->len) {
        ssize_t n = send_piece(s, *bytes, flags);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        *bytes = slice_skip(*bytes, (size_t)n);
    }
    return true;
}

static struct slice pending_output(const struct stream *s)
{
    return slice_skip(buf_slice(&s->out), s->out_sent);
}

/* A broken connection is told from the event loop: never from inside stream_write. */
static void break_later(struct stream *s)
{
    s->broken = true;
    s->error = errno;
    buf_clear(&s->out);
    s->out_sent = 0;
    shutdown(s->fd, SHUT_RDWR);
    event_active(&s->writing, EV_WRITE, 0);
}

static void flush(struct stream *s, int flags)
{
    struct slice rest = pending_output(s);
    if (!send_some(s, &rest, flags)) {
        break_later(s);
        return;
    }
    s->out_sent = s->out.len - rest.len;
    if (rest.len) {
        stream_watch(s, &s->writing, s->write_timeout_ms);
        return;
    }
    stream_forget(s, &s->out);
    s->out_sent = 0;
    if (s->tls_due)
        stream_tls_begin(s);
}

static void on_connected(struct stream *s)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
        s->error = error;
        stream_finish(s, STREAM_REFUSED);
        return;
    }
    s->connecting = false;
    s->handler->connected(s->ctx);
}

void stream_on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    if (s->ended)
        return;
    if (s->connecting && (what & EV_TIMEOUT || fd < 0)) {
        if (!s->error)
            s->error = ETIMEDOUT;
        stream_finish(s, STREAM_REFUSED);
        return;
    }
    if (s->connecting) {
        on_connected(s);
        return;
    }
    if (what & EV_TIMEOUT) {
        stream_finish(s, STREAM_TIMEOUT);
        return;
    }
    if (s->handshaking) {
        stream_tls_step(s);
        return;
    }
    if (!s->broken)
        flush(s, 0);
    if (s->broken) {
        stream_finish(s, STREAM_ERROR);
        return;
    }
    if (stream_unsent(s))
        return;
    if (s->closing)
        stream_finish_close(s);
    else if (s->handler->drained)
        s->handler->drained(s->ctx);
}

/* Output is only collected. */
static bool is_held(const struct stream *s)
{
    return s->corked || s->connecting || s->handshaking || s->tls_due;
}

/* The socket does not take more for the moment. */
static bool waits(const struct stream *s)
{
    return event_pending(&s->writing, EV_WRITE, NULL) != 0;
}

static void write_flags(struct stream *s, struct slice bytes, int flags)
{
    if (s->ended || s->broken)
        return;
    if (is_held(s)) {
        stream_keep(s, &s->out, bytes);
        return;
    }
    if (s->tls && !waits(s)) {
        stream_keep(s, &s->out, bytes);
        if (!(flags & MSG_MORE) || stream_unsent(s) >= TLS_RECORD)
            flush(s, 0);
        return;
    }
    if (stream_unsent(s) == 0 && !send_some(s, &bytes, flags)) {
        break_later(s);
        return;
    }
    if (bytes.len == 0)
        return;
    stream_keep(s, &s->out, bytes);
    stream_watch(s, &s->writing, s->write_timeout_ms);
}

void stream_write(struct stream *s, struct slice bytes)
{
    write_flags(s, bytes, 0);
}

void stream_write_more(struct stream *s, struct slice bytes)
{
    write_flags(s, bytes, MSG_MORE);
}

void stream_cork(struct stream *s)
{
    s->corked = true;
}

void stream_uncork(struct stream *s)
{
    s->corked = false;
    if ((stream_unsent(s) || s->tls_due) && !s->ended && !s->broken && !s->handshaking && !waits(s))
        flush(s, 0);
}

size_t stream_unsent(const struct stream *s)
{
    return s->out.len - s->out_sent;
}

bool stream_ready(const struct stream *s)
{
    return !s->ended && !s->broken && !is_held(s) && !waits(s) && (s->tls || stream_unsent(s) == 0);
}
