/* upstream_private: what upstream.c and upstream_opening.c share. */
#ifndef PROXY_UPSTREAM_PRIVATE_H
#define PROXY_UPSTREAM_PRIVATE_H

#include "base/arena.h"
#include "base/stream.h"
#include "proxy/backend/upstream.h"

enum { UPSTREAM_OPEN_MAX = 64 };

struct queued {
    enum upstream_step step;
    char *line;
    struct queued *next;
};

struct upstream {
    struct backend *backend;
    const struct mail_session *client; /* NULL: a probe */
    const struct upstream_handler *handler;
    void *ctx;
    struct stream *stream;
    struct arena *arena; /* of the reply being read */
    struct smtp_reply_reader reader;
    struct backend_offer offer;
    enum upstream_step open[UPSTREAM_OPEN_MAX];
    size_t open_first, open_count;
    struct queued *queue, **queue_last;
    bool ready;      /* the opening is over */
    bool met;        /* the server answered our own EHLO: what goes wrong from here on says nothing about other clients */
    bool identified; /* XCLIENT was given */
    bool login_lost; /* who the client has proved to be cannot be told */
    bool securing;   /* the TLS handshake is under way */
    bool secured;    /* and is over */
    bool clear;      /* TLS failed, and we may do without */
    bool in_body, dot_sent, failed;
    unsigned depth; /* callbacks of ours under way: the owner may close us in any of them */
    bool closed;    /* closed by the owner; freed when depth is 0 */
};

/* upstream.c */
void upstream_connect(struct upstream *u);
void upstream_expect(struct upstream *u, enum upstream_step step);
void upstream_send(struct upstream *u, enum upstream_step step, struct slice line);
/** Tells the owner that it is over. The owner frees us inside the call. */
void upstream_fail(struct upstream *u, const char *why, const struct smtp_reply *reply);

/* upstream_opening.c */
/** The connection stands. */
void upstream_open_dialogue(struct upstream *u);
/** The reply to a step before MAIL. */
void upstream_opening_reply(struct upstream *u, enum upstream_step step, const struct smtp_reply *reply);
/** The TLS handshake is over. */
void upstream_secured(struct upstream *u);
/** The connection was lost in the TLS handshake. True: another one is made in the clear. */
bool upstream_fall_back(struct upstream *u, const char *why);

#endif
