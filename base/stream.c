/* stream: see stream.h. Here: life, input, lines.
 *
 * Input is received into one buffer that all streams of the thread share; while `readable` runs the stream looks at it there, and
 * only what was not taken is copied into the stream's own buffer. */
#include "base/stream_private.h"

#include "base/mem.h"
#include "base/tls/tls.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

static char shared_input[STREAM_READ_MAX];

void stream_watch(struct stream *s, struct event *event, int64_t timeout_ms)
{
    if (timeout_ms <= 0) {
        event_add(event, NULL);
        return;
    }
    struct timeval tv = {.tv_sec = (time_t)(timeout_ms / 1000), .tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000)};
    const struct timeval *common = event_base_init_common_timeout(s->base, &tv);
    event_add(event, common ? common : &tv);
}

void stream_finish(struct stream *s, enum stream_end why)
{
    if (s->ended)
        return;
    /* After a silence the owner may still say why it closes; a peer that takes no output hears nothing more. */
    s->ended = why != STREAM_TIMEOUT || s->connecting || s->handshaking || stream_unsent(s) > 0;
    event_del(&s->reading);
    event_del(&s->writing);
    if (s->closing) {
        stream_free(&s);
        return;
    }
    s->handler->ended(s->ctx, why);
}

void stream_forget(struct stream *s, struct buf *buffer)
{
    if (s->secret)
        buf_wipe(buffer);
    else
        buf_release(buffer);
}

void stream_keep(struct stream *s, struct buf *buffer, struct slice bytes)
{
    if (s->secret && buffer->ptr && buffer->cap - buffer->len < bytes.len + 1) {
        struct buf bigger = {0};
        buf_reserve(&bigger, buffer->len + bytes.len);
        buf_add(&bigger, buf_slice(buffer));
        buf_wipe(buffer);
        *buffer = bigger;
    }
    buf_add(buffer, bytes);
}

/* The view is a part of the shared buffer. */
static void wipe_input(struct stream *s, size_t n)
{
    char *at = s->view.len ? shared_input + (s->view.ptr - shared_input) : s->in.ptr + s->in_taken;
    explicit_bzero(at, n);
}

/* Keeps what the owner did not take, once the shared buffer is needed by others. */
static void keep_view(struct stream *s)
{
    if (s->view.len) {
        stream_keep(s, &s->in, s->view);
        if (s->secret)
            wipe_input(s, s->view.len);
    }
    s->view = (struct slice){NULL, 0};
}

bool stream_call(struct stream *s, void (*callback)(void *ctx))
{
    bool freed = false, *outer = s->freed;
    s->freed = &freed;
    callback(s->ctx);
    if (freed && outer)
        *outer = true;
    if (!freed)
        s->freed = outer;
    return !freed;
}

static void call_readable(struct stream *s)
{
    if (stream_call(s, s->handler->readable))
        keep_view(s);
}

size_t stream_buffered(const struct stream *s)
{
    return s->view.len + s->in.len - s->in_taken;
}

void stream_want_input(struct stream *s)
{
    stream_watch(s, &s->reading, s->read_timeout_ms);
    if (s->tls && (s->tls_more || tls_pending(s->tls)))
        event_active(&s->reading, EV_READ, 0);
}

void stream_drop_buffered(struct stream *s)
{
    s->view = (struct slice){NULL, 0};
    buf_release(&s->in);
    s->in_taken = s->line_taken = s->line_scanned = 0;
}

static void on_input(struct stream *s, ssize_t n)
{
    if (stream_buffered(s) == 0) {
        buf_clear(&s->in);
        s->in_taken = 0;
        s->view = slice_make(shared_input, (size_t)n);
    } else {
        stream_keep(s, &s->in, slice_make(shared_input, (size_t)n));
        if (s->secret)
            explicit_bzero(shared_input, (size_t)n);
    }
    if (stream_buffered(s) >= STREAM_READ_MAX)
        event_del(&s->reading);
    else if (s->tls_more)
        event_active(&s->reading, EV_READ, 0);
    call_readable(s);
}

static void receive(struct stream *s)
{
    size_t room = STREAM_READ_MAX - stream_buffered(s);
    ssize_t n = s->tls ? stream_tls_receive(s, shared_input, room) : recv(s->fd, shared_input, room, 0);
    if (n > 0)
        on_input(s, n);
    else if (n == 0)
        stream_finish(s, STREAM_EOF);
    else if (errno != EAGAIN && errno != EINTR) {
        s->error = errno;
        stream_finish(s, STREAM_ERROR);
    }
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    if (what & EV_TIMEOUT)
        stream_finish(s, STREAM_TIMEOUT);
    else if (s->closing)
        stream_drop_input(s);
    else if (s->handshaking)
        stream_tls_step(s);
    else if (stream_buffered(s) < STREAM_READ_MAX)
        receive(s);
}

/* Input that was there before the stream was resumed. */
static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    if (!s->paused && !s->ended && stream_buffered(s))
        call_readable(s);
}

static struct stream *stream_new(struct event_base *base, evutil_socket_t fd, const struct stream_handler *handler, void *ctx)
{
    struct stream *s = mem_alloc(sizeof *s);
    s->base = base;
    s->fd = fd;
    s->handler = handler;
    s->ctx = ctx;
    s->paused = true;
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    event_assign(&s->reading, base, fd, EV_READ | EV_PERSIST, on_readable, s);
    event_assign(&s->writing, base, fd, EV_WRITE, stream_on_writable, s);
    event_assign(&s->waking, base, -1, 0, on_wake, s);
    evtimer_assign(&s->grave, base, stream_on_grave, s);
    return s;
}

struct stream *stream_accept(struct event_base *base, evutil_socket_t fd, const struct stream_handler *handler, void *ctx)
{
    return stream_new(base, fd, handler, ctx);
}

struct stream *stream_connect(struct event_base *base, const struct stream_target *to, int64_t timeout_ms,
                              const struct stream_handler *handler, void *ctx)
{
    evutil_socket_t fd = stream_socket_to(to);
    int error = errno;
    struct stream *s = stream_new(base, fd, handler, ctx);
    s->connecting = true;
    if (fd < 0) {
        s->error = error;
        event_active(&s->writing, EV_TIMEOUT, 0);
    } else
        stream_watch(s, &s->writing, timeout_ms);
    return s;
}

void stream_hand_over(struct stream *s, const struct stream_handler *handler, void *ctx)
{
    s->handler = handler;
    s->ctx = ctx;
}

void stream_free(struct stream **s)
{
    struct stream *gone = *s;
    if (!gone)
        return;
    *s = NULL;
    if (gone->freed)
        *gone->freed = true;
    event_del(&gone->reading);
    event_del(&gone->writing);
    event_del(&gone->waking);
    event_del(&gone->grave);
    if (gone->closing)
        stream_unlink_closing(gone);
    if (gone->fd >= 0)
        close(gone->fd);
    tls_session_free(&gone->tls);
    stream_forget(gone, &gone->in);
    stream_forget(gone, &gone->out);
    mem_free(gone);
}

void stream_reset(struct stream **s)
{
    if (!*s)
        return;
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    if ((*s)->fd >= 0)
        setsockopt((*s)->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    stream_free(s);
}

struct slice stream_peek(struct stream *s)
{
    return s->view.len ? s->view : slice_skip(buf_slice(&s->in), s->in_taken);
}

void stream_take(struct stream *s, size_t n)
{
    s->line_scanned = 0;
    if (s->secret && n)
        wipe_input(s, n);
    if (s->view.len)
        s->view = slice_skip(s->view, n);
    else
        s->in_taken += n;
    if (stream_buffered(s) == 0) {
        stream_forget(s, &s->in);
        s->in_taken = 0;
    }
    if (!s->paused && !s->ended && !s->handshaking && !s->tls_due && stream_buffered(s) < STREAM_READ_MAX &&
        !event_pending(&s->reading, EV_READ, NULL))
        stream_want_input(s);
}

/* Whether a line (without its CRLF) holds a byte that no SMTP line may hold. */
static bool has_bare_byte(struct slice line)
{
    return line.len && (memchr(line.ptr, '\r', line.len) || memchr(line.ptr, '\n', line.len) || memchr(line.ptr, '\0', line.len));
}

/* The LF of the first CRLF at or after from, or NULL. */
static const char *find_crlf(struct slice all, size_t from)
{
    const char *lf = all.ptr + from, *end = all.ptr + all.len;
    while (lf < end && (lf = memchr(lf, '\n', (size_t)(end - lf)))) {
        if (lf > all.ptr && lf[-1] == '\r')
            return lf;
        lf++;
    }
    return NULL;
}

enum stream_line stream_peek_line(struct stream *s, size_t max, struct slice *line)
{
    struct slice all = stream_peek(s);
    *line = (struct slice){NULL, 0};
    const char *lf = all.len ? find_crlf(all, s->line_scanned) : NULL;
    size_t length = lf ? (size_t)(lf - all.ptr) + 1 : all.len;
    if (length > max)
        return STREAM_LINE_LONG;
    if (!lf) {
        s->line_scanned = all.len;
        return STREAM_LINE_MORE;
    }
    s->line_taken = length;
    *line = slice_first(all, length - 2);
    return has_bare_byte(*line) ? STREAM_LINE_BARE : STREAM_LINE_OK;
}

void stream_take_line(struct stream *s)
{
    stream_take(s, s->line_taken);
    s->line_taken = 0;
}

/* Whether the socket, or TLS above it, would give input, or its end. */
static ssize_t look(struct stream *s)
{
    char byte;
    if (!s->tls || s->tls_due)
        return recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    switch (tls_peek(s->tls)) {
    case TLS_DONE:
        return 1;
    case TLS_CLOSED:
        return 0;
    case TLS_FAILED:
        errno = EPROTO;
        return -1;
    default:
        errno = EAGAIN;
        return -1;
    }
}

bool stream_has_input(struct stream *s)
{
    return stream_buffered(s) > 0 || (!s->ended && look(s) > 0);
}

bool stream_peer_gone(struct stream *s)
{
    if (s->ended)
        return true;
    ssize_t n = look(s);
    if (n < 0)
        return errno != EAGAIN && errno != EINTR;
    return n == 0 && stream_buffered(s) == 0;
}

const char *stream_error(const struct stream *s)
{
    return s->tls && tls_error(s->tls)[0] ? tls_error(s->tls) : strerror(s->error);
}

void stream_set_secret(struct stream *s, bool secret)
{
    s->secret = secret;
}

void stream_pause(struct stream *s)
{
    s->paused = true;
    if (!s->handshaking)
        event_del(&s->reading);
}

void stream_resume(struct stream *s)
{
    if (!s->paused || s->ended)
        return;
    s->paused = false;
    if (s->handshaking || s->tls_due)
        return;
    if (stream_buffered(s) < STREAM_READ_MAX)
        stream_want_input(s);
    if (stream_buffered(s))
        event_active(&s->waking, EV_READ, 0);
}

void stream_set_timeout(struct stream *s, int64_t read_ms, int64_t write_ms)
{
    s->write_timeout_ms = write_ms;
    if (s->read_timeout_ms == read_ms)
        return;
    s->read_timeout_ms = read_ms;
    if (event_pending(&s->reading, EV_READ, NULL)) {
        event_del(&s->reading);
        if (s->handshaking)
            stream_watch(s, &s->reading, read_ms);
        else
            stream_want_input(s);
    }
}
