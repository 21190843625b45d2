/* redis: one connection to a Redis or Valkey server on libevent's loop: commands go out as they come (pipelined), answers come back in
 * order. The only file that knows hiredis.
 *
 * A connection that breaks, or on which an answer is overdue, is dropped with all that waits on it, and made anew after a pause that
 * doubles from a tenth of a second up to five. What is asked meanwhile is refused at once; only the very first
 * connection of a worker is waited for. One log line says that the server is gone, one that it is back. */
#ifndef BASE_REDIS_H
#define BASE_REDIS_H

#include "base/slice.h"

#include <event2/event.h>

struct redis;

struct redis_options {
    const char *address;  /* "192.0.2.1:6379", "[2001:db8::1]:6379", or the absolute path of a socket */
    const char *user;     /* NULL: the default user */
    const char *password; /* NULL: none is asked for */
    int64_t database;
    int64_t timeout_ms;         /* for a connection, and for each answer */
    const struct slice *script; /* loaded on every connection before anything else; may be NULL */
};

enum redis_kind { REDIS_IS_NIL, REDIS_IS_NUMBER, REDIS_IS_TEXT, REDIS_IS_LIST, REDIS_IS_ERROR };

/** An answer; valid during the call. */
struct redis_answer {
    enum redis_kind kind;
    int64_t number;
    struct slice text; /* also of an error */
    size_t count;
    const void *items; /* see redis_item */
};

/** answer NULL: the connection was lost or the time is over. Called once for each command that redis_ask took. */
typedef void (*redis_answer_fn)(void *ctx, const struct redis_answer *answer);

struct redis *redis_new(struct event_base *base, const struct redis_options *options);
/** Everything that waits is told that there is no answer. Sets *r to NULL. */
void redis_free(struct redis **r);
/** Sends a command. False: there is no connection; fn will not be called. */
bool redis_ask(struct redis *r, const struct slice *words, size_t count, redis_answer_fn fn, void *ctx);
/** The i-th item of a list. */
struct redis_answer redis_item(const struct redis_answer *list, size_t i);
/** Whether the text can be an address. */
bool redis_address_valid(const char *address);

#endif
