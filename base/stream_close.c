/* stream_close: streams that their owner has given up: the rest is sent, input is thrown away, and all of it ends in time. See stream.h. */
#include "base/stream_private.h"

#include "base/tls/tls.h"

#include <errno.h>

enum { LINGER_INPUT_MAX = 1024 * 1024, CLOSE_FLUSH_MS = 10000, CLOSING_MAX = 512 };

static struct stream *closing_streams;
static unsigned closing_count;

static struct timeval to_timeval(int64_t ms)
{
    return (struct timeval){.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

void stream_drop_input(struct stream *s)
{
    char bytes[4096];
    ssize_t n = recv(s->fd, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    s->linger_read += n > 0 ? (size_t)n : 0;
    if (n <= 0 || s->linger_read > LINGER_INPUT_MAX)
        stream_finish(s, STREAM_EOF);
}

/* Whatever a peer still sends or takes, a given-up stream ends at a fixed time. */
void stream_on_grave(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    stream_free(&s);
}

void stream_finish_close(struct stream *s)
{
    if (s->tls && !s->ended && !s->handshaking)
        tls_goodbye(s->tls);
    if (s->linger_ms <= 0 || s->ended) {
        stream_free(&s);
        return;
    }
    shutdown(s->fd, SHUT_WR);
    struct timeval tv = to_timeval(s->linger_ms);
    event_add(&s->reading, &tv);
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

void stream_unlink_closing(struct stream *s)
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

void stream_close(struct stream **s, int64_t linger_ms)
{
    static const struct stream_handler nobody = {0};
    struct stream *closing = *s;
    if (!closing)
        return;
    if (closing->ended || closing->connecting || closing->handshaking) {
        stream_free(s);
        return;
    }
    *s = NULL;
    closing->tls_due = false;
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
        stream_finish_close(closing);
    else if (closing_count > CLOSING_MAX)
        stream_free(&closing);
}
