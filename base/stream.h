/* stream: one connection with buffers on both sides, on libevent's events.
 *
 * Reading is pulled: the owner looks at what is there, takes what it wants, and is told when more arrives. A paused stream does
 * not read from its socket, so the peer feels back-pressure. Writing goes straight to the socket; only what it does not take is
 * buffered. An idle stream holds no buffer. The owner frees the stream, also inside any of its callbacks. */
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
    void (*connected)(void *ctx);                  /* stream_connect only */
    void (*readable)(void *ctx);                   /* bytes arrived, or stream_resume found some; not called while paused */
    void (*drained)(void *ctx);                    /* output that had to wait has gone to the socket; may be NULL */
    void (*ended)(void *ctx, enum stream_end why); /* once; the owner still has to free the stream */
    void (*secured)(void *ctx);                    /* the TLS handshake is over; may be NULL if none is ever begun */
};

struct stream;
struct tls_server;
struct tls_client;
struct tls_session;

/** Input is buffered up to this, then the socket is left alone. */
enum { STREAM_READ_MAX = 64 * 1024 };

/** Takes over a connected, non-blocking socket. Starts paused. */
struct stream *stream_accept(struct event_base *base, evutil_socket_t fd, const struct stream_handler *handler, void *ctx);
/** Where a connection leads, and what it seems to come from. */
struct stream_target {
    const char *path;        /* of a unix socket; NULL: the address counts */
    struct net_addr address; /* with its port */
    struct net_addr source;  /* an address that need not be ours (IP_TRANSPARENT, which takes CAP_NET_ADMIN); family 0: our own */
};

/** Never NULL; also failure comes through ended, never from inside this call. Starts paused. */
struct stream *stream_connect(struct event_base *base, const struct stream_target *to, int64_t timeout_ms,
                              const struct stream_handler *handler, void *ctx);
/** Somebody else is told from now on. Not from inside a callback that found input which was not taken. */
void stream_hand_over(struct stream *s, const struct stream_handler *handler, void *ctx);
/** Closes and frees; unsent output is dropped. Sets *s to NULL; *s may be NULL. */
void stream_free(struct stream **s);
/** Gives the stream up: what is buffered is sent, then it closes; no callback comes any more and *s is NULL at once. linger_ms over 0:
 *  after sending, input is thrown away until the peer closes or the time is over, so that the last reply is not lost to a reset. All of it
 *  ends 10 s plus linger_ms after this call at the latest; with many streams given up already there is no lingering. */
void stream_close(struct stream **s, int64_t linger_ms);
/** Frees all streams given up with stream_close that are still sending or lingering: for the end of the process. */
void stream_drop_closing(void);
/** Closes with a reset: the peer cannot mistake it for an orderly end. */
void stream_reset(struct stream **s);

/** Only CRLF ends a line (RFC 5321 §2.3.8). */
enum stream_line {
    STREAM_LINE_MORE, /* no complete line yet */
    STREAM_LINE_OK,
    STREAM_LINE_LONG, /* over max bytes without CRLF; *line is empty */
    STREAM_LINE_BARE, /* holds a CR or LF that is not part of CRLF, or a NUL */
};
/** The next line without its end; valid until stream_take_line or more input. max counts the CRLF. */
enum stream_line stream_peek_line(struct stream *s, size_t max, struct slice *line);
/** Removes the line that stream_peek_line showed (OK or BARE), with its end. */
void stream_take_line(struct stream *s);
/** All that has arrived and was not taken. Valid until taken or more input. */
struct slice stream_peek(struct stream *s);
void stream_take(struct stream *s, size_t n);

void stream_write(struct stream *s, struct slice bytes);
/** The same, but more follows at once: the kernel may hold a partial segment back until then. */
void stream_write_more(struct stream *s, struct slice bytes);
/** Between cork and uncork output is collected, to leave in one segment. Does not nest. */
void stream_cork(struct stream *s);
void stream_uncork(struct stream *s);
/** Bytes written that the socket has not taken yet. */
size_t stream_unsent(const struct stream *s);
/** Whether the connection stands and has taken all that was written: a long piece of work may write on. Else drained or ended follows. */
bool stream_ready(const struct stream *s);
/** Why the stream ended with STREAM_ERROR or STREAM_REFUSED, as the system says it. */
const char *stream_error(const struct stream *s);

/** Whether anything the peer sent is still to be taken, in our buffer or in the socket's. */
bool stream_has_input(struct stream *s);
/** Whether the peer has closed or reset and nothing it sent is left to read. A look at the socket; changes nothing. */
bool stream_peer_gone(struct stream *s);

/** Begins TLS once what was written has gone, as the server or as the client (tls.h). Input that came before is thrown away, lest it pass
 *  for what the peer said under TLS (RFC 3207 §4.2): returns how many bytes. `secured` or `ended` follows,
 *  also while paused; until then nothing may be written. */
size_t stream_secure_server(struct stream *s, struct tls_server *server);
size_t stream_secure_client(struct stream *s, struct tls_client *client, const char *name, bool verify);
/** The same for a server, but input that came belongs to TLS: nothing was said in the clear. */
void stream_begin_server(struct stream *s, struct tls_server *server);
/** The TLS session, after the handshake; NULL before, and without. */
struct tls_session *stream_tls(const struct stream *s);

/** From now on, what was received and taken, and what was written and has gone, is wiped from memory: passwords pass by. */
void stream_set_secret(struct stream *s, bool secret);

void stream_pause(struct stream *s);
/** Reads again. If input is waiting already, readable is called from the event loop, not from inside this call. */
void stream_resume(struct stream *s);
/** The stream ends with STREAM_TIMEOUT if nothing arrives while reading, or output does not move, for so long. 0: no limit. */
void stream_set_timeout(struct stream *s, int64_t read_ms, int64_t write_ms);

#endif
