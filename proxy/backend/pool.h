/* pool: connections to a server that no session uses at the moment, kept for the next one.
 *
 * Kept are those of which nothing is due, where nothing odd was seen, and where the next client can be named anew: not so at Postfix,
 * which asks after XCLIENT whether the client so named is one that may give it. One on which the
 * server says anything, or which it closes, is given up at once. */
#ifndef PROXY_POOL_H
#define PROXY_POOL_H

#include "proxy/backend/server.h"

/** A connection and what is known about it. */
struct upstream_link {
    struct stream *stream;
    struct backend_offer offer;
    bool secured;      /* TLS is spoken */
    bool own;          /* AUTH was said on it: it is never anybody else's */
    bool spent;        /* XCLIENT was given and is not offered again: no other client can be named */
    unsigned messages; /* that the server has taken on it */
    unsigned errors;   /* 4xx and 5xx of the server on it */
};

struct idle_link {
    struct server *server;
    struct upstream_link link;
    int64_t since_ms;
    struct idle_link *next;
};

/** Whether such a connection may be kept. */
bool pool_wants(const struct server *s, const struct upstream_link *link);
/** Takes the connection over: *link is empty after it. */
void pool_put(struct server *s, struct upstream_link *link);
/** Gives the one used last. False: there is none. */
bool pool_take(struct server *s, struct upstream_link *link);
/** Closes those that have been idle for too long. */
void pool_expire(struct server *s, int64_t now_ms);
void pool_clear(struct server *s);

#endif
