/* upstream_private: what upstream.c, upstream_place.c and upstream_opening.c share. */
#ifndef PROXY_UPSTREAM_PRIVATE_H
#define PROXY_UPSTREAM_PRIVATE_H

#include "base/arena.h"
#include "base/stream.h"
#include "proxy/backend/pool.h"
#include "proxy/backend/upstream.h"

#include <event2/event_struct.h>

enum { UPSTREAM_OPEN_MAX = 64 };

struct queued {
    enum upstream_step step;
    char *line;
    struct queued *next;
};

/** Why there is no server yet. */
enum upstream_lack {
    UPSTREAM_LACKS_NOTHING,
    UPSTREAM_LACKS_TURN, /* it waits for a connection to become free */
    UPSTREAM_LACKS_ROOM, /* too many wait already */
    UPSTREAM_LACKS_SERVER,
};

struct upstream {
    struct backend *backend;
    struct server *server;             /* NULL: there is none yet */
    const struct mail_session *client; /* NULL: a probe */
    const struct upstream_handler *handler;
    void *ctx;
    struct upstream *next, **at; /* among those of the server, or those that wait; at NULL: in neither */
    struct backend_tried tried;
    unsigned avoid;
    enum upstream_lack lack;
    struct event later; /* a lack is told, or has lasted too long */
    struct upstream_link link;
    struct arena *arena; /* of the reply being read */
    struct smtp_reply_reader reader;
    enum upstream_step open[UPSTREAM_OPEN_MAX];
    size_t open_first, open_count;
    struct queued *queue, **queue_last;
    bool kept;       /* the connection was kept from another session */
    bool ready;      /* the opening is over */
    bool met;        /* the server answered our own EHLO: what goes wrong from here on says nothing about other clients */
    bool told;       /* the server knows this client */
    bool proven;     /* it has answered a command of this client's, other than by 421 */
    bool in_mail;    /* MAIL was given, and the transaction is not over */
    bool login_lost; /* who the client has proved to be cannot be told */
    bool securing;   /* the TLS handshake is under way */
    bool clear;      /* TLS failed, and we may do without */
    bool silent, lost, busy;
    bool in_body, dot_sent, failed;
    unsigned depth; /* callbacks of ours under way: the owner may close us in any of them */
    bool closed;    /* closed by the owner; freed when depth is 0 */
};

/* upstream.c */
void upstream_expect(struct upstream *u, enum upstream_step step);
void upstream_send(struct upstream *u, enum upstream_step step, struct slice line);
/** Tells the owner that it is over, who frees us inside the call; in the opening first goes elsewhere, if that is possible. */
void upstream_fail(struct upstream *u, const char *why, const struct smtp_reply *reply);
/** Whether the connection could go to somebody else: nothing is due on it. */
bool upstream_is_free(const struct upstream *u);
/** Closes the connection politely. */
void upstream_quit(struct upstream *u);
/** Begins with a connection of its own or a kept one. */
void upstream_connect(struct upstream *u);
void upstream_adopt(struct upstream *u, const struct upstream_link *link);
void upstream_enter(struct upstream *u);
void upstream_leave(struct upstream *u);

/* upstream_place.c */
/** Finds a server, or a place in the queue. The owner hears of it later, if neither is to be had. */
void upstream_place(struct upstream *u);
/** Gives the place up. */
void upstream_unplace(struct upstream *u);
/** Whether another server is to be tried after this one has failed in the opening; if so, it is under way. */
bool upstream_go_elsewhere(struct upstream *u);
/** The connection goes to somebody who waits; the owner hears that this one is over. */
void upstream_yield(struct upstream *u);

/* upstream_opening.c */
/** The connection stands. */
void upstream_open_dialogue(struct upstream *u);
/** Names the next client on a kept connection. */
void upstream_renew(struct upstream *u);
/** The reply to a step before MAIL. */
void upstream_opening_reply(struct upstream *u, enum upstream_step step, const struct smtp_reply *reply);
/** The TLS handshake is over. */
void upstream_secured(struct upstream *u);
/** The connection was lost in the TLS handshake. True: another one is made in the clear. */
bool upstream_fall_back(struct upstream *u, const char *why);

#endif
