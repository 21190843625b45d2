/* stream: see stream.h.
 *
 * Input is received into one buffer that all streams of the thread share; while `readable` runs the stream looks at it there, and
 * only what was not taken is copied into the stream's own buffer. */
#include "base/stream.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

enum { LINGER_INPUT_MAX = 1024 * 1024, CLOSE_FLUSH_MS = 10000, CLOSING_MAX = 512 };

struct stream {
    struct event_base *base;
    evutil_socket_t fd;
    const struct stream_handler *handler;
    void *ctx;
    struct event reading, writing, waking, grave;
    struct slice view; /* input inside the shared buffer, during readable only */
    struct buf in, out;
    size_t in_taken, out_sent;
    size_t line_taken;   /* bytes that stream_take_line removes */
    size_t line_scanned; /* bytes known to hold no CRLF, but for a CR that may be the last one */
    int64_t read_timeout_ms, write_timeout_ms;
    bool paused, connecting, corked, ended;
    int error;   /* errno of what ended it */
    bool broken; /* sending failed; ended follows from the event loop */
    bool *freed; /* set when the stream is freed inside a callback */
    /* after stream_close */
    bool closing;
    struct stream *closing_next, **closing_link;
    int64_t linger_ms;
    size_t linger_read;
};

static char shared_input[STREAM_READ_MAX];
static struct stream *closing_streams;
static unsigned closing_count;

static struct timeval to_timeval(int64_t ms)
{
    return (struct timeval){.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

/* Starts waiting for an event, with a timeout out of libevent's constant-time queues. */
static void watch(struct stream *s, struct event *event, int64_t timeout_ms)
{
    if (timeout_ms <= 0) {
        event_add(event, NULL);
        return;
    }
    struct timeval tv = to_timeval(timeout_ms);
    const struct timeval *common = event_base_init_common_timeout(s->base, &tv);
    event_add(event, common ? common : &tv);
}

static void end(struct stream *s, enum stream_end why)
{
    if (s->ended)
        return;
    /* After a silence the owner may still say why it closes; a peer that takes no output hears nothing more. */
    s->ended = why != STREAM_TIMEOUT || s->connecting || stream_unsent(s) > 0;
    event_del(&s->reading);
    event_del(&s->writing);
    if (s->closing) {
        stream_free(&s);
        return;
    }
    s->handler->ended(s->ctx, why);
}

/* Keeps what the owner did not take, once the shared buffer is needed by others. */
static void keep_view(struct stream *s)
{
    if (s->view.len)
        buf_add(&s->in, s->view);
    s->view = (struct slice){NULL, 0};
}

static void call_readable(struct stream *s)
{
    bool freed = false, *outer = s->freed;
    s->freed = &freed;
    s->handler->readable(s->ctx);
    if (freed) {
        if (outer)
            *outer = true;
        return;
    }
    s->freed = outer;
    keep_view(s);
}

static size_t buffered(const struct stream *s)
{
    return s->view.len + s->in.len - s->in_taken;
}

static void drop_input(struct stream *s, size_t n)
{
    s->linger_read += n;
    if (s->linger_read > LINGER_INPUT_MAX)
        end(s, STREAM_EOF);
}

static void on_input(struct stream *s, ssize_t n)
{
    if (s->closing) {
        drop_input(s, (size_t)n);
        return;
    }
    if (buffered(s) == 0) {
        buf_clear(&s->in);
        s->in_taken = 0;
        s->view = slice_make(shared_input, (size_t)n);
    } else {
        buf_add(&s->in, slice_make(shared_input, (size_t)n));
    }
    if (buffered(s) >= STREAM_READ_MAX)
        event_del(&s->reading);
    call_readable(s);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    if (what & EV_TIMEOUT) {
        end(s, STREAM_TIMEOUT);
        return;
    }
    size_t room = s->closing ? STREAM_READ_MAX : STREAM_READ_MAX - buffered(s);
    ssize_t n = recv(fd, shared_input, room, 0);
    if (n > 0)
        on_input(s, n);
    else if (n == 0)
        end(s, STREAM_EOF);
    else if (errno != EAGAIN && errno != EINTR) {
        s->error = errno;
        end(s, STREAM_ERROR);
    }
}

/* Input that was there before the stream was resumed. */
static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    if (!s->paused && !s->ended && buffered(s))
        call_readable(s);
}

/* Whatever a peer still sends or takes, a given-up stream ends at a fixed time. */
static void on_grave(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    stream_free(&s);
}

static void finish_close(struct stream *s)
{
    if (s->linger_ms <= 0 || s->ended) {
        stream_free(&s);
        return;
    }
    shutdown(s->fd, SHUT_WR);
    struct timeval tv = to_timeval(s->linger_ms);
    event_add(&s->reading, &tv);
}

/* Sends what the socket takes. False: the connection is broken. */
static bool send_some(struct stream *s, struct slice *bytes, int flags)
{
    while (bytes->len) {
        ssize_t n = send(s->fd, bytes->ptr, bytes->len, MSG_NOSIGNAL | flags);
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
        watch(s, &s->writing, s->write_timeout_ms);
        return;
    }
    buf_release(&s->out);
    s->out_sent = 0;
}

static void on_connected(struct stream *s)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
        s->error = error;
        end(s, STREAM_REFUSED);
        return;
    }
    s->connecting = false;
    s->handler->connected(s->ctx);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    if (s->ended)
        return;
    if (s->connecting && (what & EV_TIMEOUT || fd < 0)) {
        if (!s->error)
            s->error = ETIMEDOUT;
        end(s, STREAM_REFUSED);
        return;
    }
    if (s->connecting) {
        on_connected(s);
        return;
    }
    if (what & EV_TIMEOUT) {
        end(s, STREAM_TIMEOUT);
        return;
    }
    if (!s->broken)
        flush(s, 0);
    if (s->broken) {
        end(s, STREAM_ERROR);
        return;
    }
    if (stream_unsent(s))
        return;
    if (s->closing)
        finish_close(s);
    else if (s->handler->drained)
        s->handler->drained(s->ctx);
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
    event_assign(&s->writing, base, fd, EV_WRITE, on_writable, s);
    event_assign(&s->waking, base, -1, 0, on_wake, s);
    evtimer_assign(&s->grave, base, on_grave, s);
    return s;
}

struct stream *stream_accept(struct event_base *base, evutil_socket_t fd, const struct stream_handler *handler, void *ctx)
{
    return stream_new(base, fd, handler, ctx);
}

struct stream *stream_connect(struct event_base *base, const struct net_addr *to, int64_t timeout_ms, const struct stream_handler *handler,
                              void *ctx)
{
    struct sockaddr_storage sa;
    socklen_t length = net_addr_to_sockaddr(to, &sa);
    evutil_socket_t fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct stream *s = stream_new(base, fd, handler, ctx);
    s->connecting = true;
    if (fd < 0 || (connect(fd, (struct sockaddr *)&sa, length) != 0 && errno != EINPROGRESS)) {
        s->error = errno;
        event_active(&s->writing, EV_TIMEOUT, 0);
    } else
        watch(s, &s->writing, timeout_ms);
    return s;
}

static void link_closing(struct stream *s)
{
    s->closing = true;
    closing_count++;
    s->closing_link = &closing_streams;
    s->closing_next = closing_streams;
    if (closing_streams)
        closing_streams->closing_link = &s->closing_next;
    closing_streams = s;
}

static void unlink_closing(struct stream *s)
{
    closing_count--;
    *s->closing_link = s->closing_next;
    if (s->closing_next)
        s->closing_next->closing_link = s->closing_link;
}

void stream_drop_closing(void)
{
    while (closing_streams) {
        struct stream *s = closing_streams;
        stream_free(&s);
    }
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
        unlink_closing(gone);
    if (gone->fd >= 0)
        close(gone->fd);
    buf_release(&gone->in);
    buf_release(&gone->out);
    mem_free(gone);
}

void stream_close(struct stream **s, int64_t linger_ms)
{
    static const struct stream_handler nobody = {0};
    struct stream *closing = *s;
    if (!closing)
        return;
    if (closing->ended || closing->connecting) {
        stream_free(s);
        return;
    }
    *s = NULL;
    if (closing->freed)
        *closing->freed = true;
    closing->freed = NULL;
    closing->handler = &nobody;
    closing->linger_ms = closing_count < CLOSING_MAX ? linger_ms : 0;
    link_closing(closing);
    closing->write_timeout_ms = CLOSE_FLUSH_MS;
    closing->view = (struct slice){NULL, 0};
    event_del(&closing->reading);
    if (closing->corked)
        stream_uncork(closing);
    struct timeval until = to_timeval((stream_unsent(closing) ? CLOSE_FLUSH_MS : 0) + closing->linger_ms);
    evtimer_add(&closing->grave, &until);
    if (stream_unsent(closing) == 0 && !event_pending(&closing->writing, EV_WRITE | EV_TIMEOUT, NULL))
        finish_close(closing);
    else if (closing_count > CLOSING_MAX)
        stream_free(&closing);
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
    if (s->view.len)
        s->view = slice_skip(s->view, n);
    else
        s->in_taken += n;
    if (buffered(s) == 0) {
        buf_release(&s->in);
        s->in_taken = 0;
    }
    if (!s->paused && !s->ended && buffered(s) < STREAM_READ_MAX && !event_pending(&s->reading, EV_READ, NULL))
        watch(s, &s->reading, s->read_timeout_ms);
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

static void write_flags(struct stream *s, struct slice bytes, int flags)
{
    if (s->ended || s->broken)
        return;
    if (!s->corked && !s->connecting && stream_unsent(s) == 0 && !send_some(s, &bytes, flags)) {
        break_later(s);
        return;
    }
    if (bytes.len == 0)
        return;
    buf_add(&s->out, bytes);
    if (!s->corked && !s->connecting)
        watch(s, &s->writing, s->write_timeout_ms);
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
    if (stream_unsent(s) && !s->ended && !s->broken && !event_pending(&s->writing, EV_WRITE, NULL))
        flush(s, 0);
}

size_t stream_unsent(const struct stream *s)
{
    return s->out.len - s->out_sent;
}

bool stream_has_input(struct stream *s)
{
    char byte;
    return buffered(s) > 0 || (!s->ended && recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0);
}

bool stream_peer_gone(struct stream *s)
{
    char byte;
    if (s->ended)
        return true;
    ssize_t n = recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0)
        return errno != EAGAIN && errno != EINTR;
    return n == 0 && buffered(s) == 0;
}

bool stream_ready(const struct stream *s)
{
    return !s->ended && !s->broken && stream_unsent(s) == 0;
}

const char *stream_error(const struct stream *s)
{
    return strerror(s->error);
}

void stream_pause(struct stream *s)
{
    s->paused = true;
    event_del(&s->reading);
}

void stream_resume(struct stream *s)
{
    if (!s->paused || s->ended)
        return;
    s->paused = false;
    if (buffered(s) < STREAM_READ_MAX)
        watch(s, &s->reading, s->read_timeout_ms);
    if (buffered(s))
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
        watch(s, &s->reading, read_ms);
    }
}
