/* stream: one connection with buffers on both sides: libevent's bufferevent (and later TLS) behind one small type.
 *
 * Reading is pulled: the owner looks at what is there, takes what it wants, and is told when more arrives. A paused stream does not
 * read from its socket, so the peer feels back-pressure. The owner frees the stream; it may do so inside any callback. */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include "base/net_addr.h"

#include <event2/event.h>

enum stream_end {
    STREAM_EOF,     /* the peer closed its side; buffered input is still there */
    STREAM_ERROR,   /* reset, or another socket error */
    STREAM_TIMEOUT, /* nothing came, or nothing could be sent, for the time set */
    STREAM_REFUSED, /* stream_connect failed */
};

struct stream_handler {
    void (*connected)(void *ctx); /* stream_connect only */
    void (*readable)(void *ctx);  /* bytes arrived; not called while paused */
    void (*drained)(void *ctx);   /* everything written has gone to the socket */
    void (*ended)(void *ctx, enum stream_end why);
};

struct stream;

enum { STREAM_READ_MAX = 64 * 1024 }; /* input is buffered up to this, then the socket is left alone */

struct stream *stream_accept(struct event_base *base, evutil_socket_t fd, const struct stream_handler *handler, void *ctx);
/** Never NULL; failure comes through ended, never from inside this call. source may be NULL. */
struct stream *stream_connect(struct event_base *base, const struct net_addr *to, int64_t timeout_ms, const struct stream_handler *handler,
                              void *ctx);
/** Closes and frees; unsent output is dropped. Sets *s to NULL. */
void stream_free(struct stream **s);
/** Sends what is buffered, then closes; no callback comes any more, *s is NULL at once. Gives up after timeout_ms. */
void stream_close(struct stream **s, int64_t timeout_ms);
/** Closes with a reset: the peer cannot mistake it for an orderly end. */
void stream_reset(struct stream **s);

enum stream_line { STREAM_LINE_MORE, STREAM_LINE_OK, STREAM_LINE_LONG, STREAM_LINE_BARE };
/** The next line, without its CRLF; stays valid until stream_take_line or more input. LONG: over max bytes without CRLF.
 *  BARE: it holds a CR or LF that is not part of CRLF, or a NUL. For LONG and BARE *line is what could be delimited, maybe empty. */
enum stream_line stream_peek_line(struct stream *s, size_t max, struct slice *line);
/** Removes the line that stream_peek_line showed, with its CRLF. */
void stream_take_line(struct stream *s);
/** What has arrived, at least its first contiguous part. Empty if nothing. */
struct slice stream_peek(struct stream *s);
void stream_take(struct stream *s, size_t n);
size_t stream_buffered(const struct stream *s);

void stream_write(struct stream *s, struct slice bytes);
/** Bytes written that have not gone to the socket. */
size_t stream_unsent(const struct stream *s);

void stream_pause(struct stream *s);
void stream_resume(struct stream *s);
/** The stream ends with STREAM_TIMEOUT if nothing arrives (while reading) or output does not move for so long. 0: no limit. */
void stream_set_timeout(struct stream *s, int64_t read_ms, int64_t write_ms);

#endif
