/* stream_private: what the files stream*.c share. */
#ifndef BASE_STREAM_PRIVATE_H
#define BASE_STREAM_PRIVATE_H

#include "base/buf.h"
#include "base/stream.h"

#include <event2/event_struct.h>

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
    bool secret; /* what passes is wiped */
    int error;   /* errno of what ended it */
    bool broken; /* sending failed; ended follows from the event loop */
    bool *freed; /* set when the stream is freed inside a callback */
    /* TLS */
    struct tls_session *tls; /* NULL: none */
    bool tls_due;            /* it begins when the output in the clear has gone */
    bool handshaking;
    bool tls_more; /* there may be input that the socket will not announce */
    /* after stream_close */
    bool closing;
    struct stream *closing_next, **closing_link;
    int64_t linger_ms;
    size_t linger_read;
};

/* stream_connect.c */
/** A socket on its way to the target. -1: errno says why not. */
evutil_socket_t stream_socket_to(const struct stream_target *to);

/* stream.c */
/** Starts waiting for an event, with a timeout out of libevent's constant-time queues. */
void stream_watch(struct stream *s, struct event *event, int64_t timeout_ms);
/** Stops everything and tells the owner, once. */
void stream_finish(struct stream *s, enum stream_end why);
/** Waits for input, or goes on with what TLS holds already. */
void stream_want_input(struct stream *s);
/** Calls the owner. False: it freed the stream meanwhile. */
bool stream_call(struct stream *s, void (*callback)(void *ctx));
/** Bytes that arrived and were not taken. */
size_t stream_buffered(const struct stream *s);
void stream_drop_buffered(struct stream *s);
/** Adds to in or out, and leaves no copy of a secret behind. */
void stream_keep(struct stream *s, struct buf *buffer, struct slice bytes);
/** Empties in or out. */
void stream_forget(struct stream *s, struct buf *buffer);

/* stream_output.c */
void stream_on_writable(evutil_socket_t fd, short what, void *arg);

/* stream_close.c */
/** All output of a given-up stream is gone. */
void stream_finish_close(struct stream *s);
/** Input of a given-up stream. */
void stream_drop_input(struct stream *s);
void stream_on_grave(evutil_socket_t fd, short what, void *arg);
void stream_unlink_closing(struct stream *s);

/* stream_tls.c */
/** As recv and send, through TLS: -1 with errno EAGAIN if it cannot be now. */
ssize_t stream_tls_receive(struct stream *s, char *bytes, size_t room);
ssize_t stream_tls_send(struct stream *s, struct slice bytes);
/** Goes on with the handshake. */
void stream_tls_step(struct stream *s);
/** Begins the handshake, from the event loop. */
void stream_tls_begin(struct stream *s);

#endif
