/* upstream: the SMTP dialogue with a backend over one connection.
 *
 * Finds a server, or waits for one, and takes a kept connection or makes one. Opens with greeting, EHLO, STARTTLS as the settings say and
 * the client's identity; while that fails, another server is tried. Then it carries
 * the owner's commands in order, pipelined where the server allows. Every reply is complete and checked before the owner sees it. Whatever
 * the server does wrong (garbage, silence, a reply out of turn, a lost connection) ends the dialogue through `failed`, exactly once. */
#ifndef PROXY_UPSTREAM_H
#define PROXY_UPSTREAM_H

#include "filters/mail.h"
#include "proxy/backend/backend.h"
#include "proxy/smtp/smtp_reply.h"

enum upstream_step {
    UPSTREAM_GREETING,
    UPSTREAM_EHLO,
    UPSTREAM_HELO,
    UPSTREAM_STARTTLS,
    UPSTREAM_XCLIENT,
    UPSTREAM_XFORWARD,
    UPSTREAM_RENEW, /* RSET on a kept connection */
    UPSTREAM_AUTH,  /* the command, or a response to a challenge (RFC 4954); the line is wiped from memory once it has gone */
    UPSTREAM_MAIL,
    UPSTREAM_RCPT,
    UPSTREAM_RSET,
    UPSTREAM_DATA,
    UPSTREAM_DOT, /* the reply to the final dot */
    UPSTREAM_QUIT,
};

struct upstream_handler {
    void (*reply)(void *ctx, enum upstream_step step,
                  const struct smtp_reply *reply); /* AUTH and later; the reply is valid during the call */
    void (*drained)(void *ctx);                    /* body bytes that had to wait are gone: write on */
    /** Asked when a connection has become free for which it waited: is it still wanted? NULL: it is. */
    bool (*wanted)(void *ctx);
    /** The dialogue is over; the owner must free the upstream. reply: what the server said last, if it refused the dialogue or spoke
     *  out of turn with a 4xx or 5xx; else NULL. */
    void (*failed)(void *ctx, const char *why, const struct smtp_reply *reply);
};

struct upstream;

/** client: whose identity is passed on. avoid: the id of a server that is taken only if there is no other; 0: none. */
struct upstream *upstream_open(struct backend *backend, const struct mail_session *client, unsigned avoid,
                               const struct upstream_handler *handler, void *ctx);
/** Says EHLO only, and reports a reply to UPSTREAM_EHLO. */
struct upstream *upstream_probe(struct server *server, const struct upstream_handler *handler, void *ctx);
/** Leaves the connection to the next session, if nothing is due on it; else as upstream_drop. *u may be NULL. */
void upstream_close(struct upstream **u);
/** Closes, politely (QUIT) if no command is open, else at once; inside a body the server never sees a final dot. *u may be NULL. */
void upstream_drop(struct upstream **u);
/** Queues a command; line: without CRLF. */
void upstream_command(struct upstream *u, enum upstream_step step, struct slice line);
/** After the 354: sends body bytes, already dot-stuffed. False: wait for drained before the next piece. */
bool upstream_body(struct upstream *u, struct slice bytes);
/** Sends the last piece of the body and the final dot in one segment, and waits for the reply. If the server has spoken already, it
 *  spoke out of turn: then no dot is sent, and failed follows. */
void upstream_body_end(struct upstream *u, struct slice last);
/** Whether the final dot has been handed to the connection. */
bool upstream_dot_sent(const struct upstream *u);
/** Whether AUTH was said on the connection: it belongs to this client for good. */
bool upstream_is_own(const struct upstream *u);
/** Whether the dialogue failed because our client has proved to another connection who he is, and this server cannot be told: it takes no
 *  LOGIN in XCLIENT. */
bool upstream_login_lost(const struct upstream *u);
/** Whether the server was told who our client is. */
bool upstream_identified(const struct upstream *u);
/** Whether it failed because the server, which had taken us, closed the connection or said that it does (421). */
bool upstream_lost(const struct upstream *u);
/** Whether it failed because no server had a connection free. */
bool upstream_busy(const struct upstream *u);
/** Whether a further transaction may begin here: the server is still to get any. */
bool upstream_welcome(const struct upstream *u);
/** The server's id; 0: there is none yet. */
unsigned upstream_server(const struct upstream *u);
/** What the server offers, or all of the backend's if there is none yet. */
struct backend_offer upstream_offer(const struct upstream *u);
/** Gives connections to those who wait, while there are any. */
void upstream_serve_waiting(struct backend *b);

#endif
