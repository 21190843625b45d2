/* delivery: the backend's side of one session's transactions.
 *
 * A connection is taken at the first recipient and kept for the session's next messages. Lost before the final dot it is replaced once,
 * on another server if there is one, and the envelope replayed; after the dot never: then nobody knows whether the backend has the message,
 * and the client must not be told that it has. If the policy changes the envelope when the backend holds it already, it is given again
 * before DATA. */
#ifndef PROXY_DELIVERY_H
#define PROXY_DELIVERY_H

#include "proxy/backend/delivery_message.h"
#include "proxy/backend/upstream.h"

/** Why a question to the backend has no answer. */
enum delivery_failure {
    DELIVERY_UNAVAILABLE, /* no connection, or it was lost before the final dot */
    DELIVERY_BUSY,        /* every server has as many connections as it may */
    DELIVERY_UNCONFIRMED, /* lost or silent after the final dot */
    DELIVERY_SPOOL,       /* our own copy could not be read */
    DELIVERY_ABANDONED,   /* wanted() said no before the final dot */
    DELIVERY_MAILBOX,     /* the backend refused a mailbox that the policy chose */
};

/** A mailbox that gets the message. */
struct delivery_mailbox {
    struct mail_path path;
    bool chosen; /* by the policy, not by the client */
};

/** Whose message it is and who gets it: what the backend is told. */
struct delivery_envelope {
    struct mail_path sender;
    struct delivery_mailbox *rcpts; /* those the backend has accepted, in order; before DATA: those that it is to accept */
    size_t count;
    bool changed; /* the envelope that the backend holds is another one */
    struct arena *arena;
};

struct delivery_handler {
    /** The answer to delivery_authenticate: a challenge, or the end of the exchange. reply valid during the call. */
    void (*auth_answered)(void *ctx, const struct smtp_reply *reply);
    /** The answer to delivery_offer. reply valid during the call. */
    void (*rcpt_answered)(void *ctx, const struct smtp_reply *reply);
    /** The answer to delivery_send: the reply to the final dot, or a refusal before it. */
    void (*message_answered)(void *ctx, const struct smtp_reply *reply);
    /** Instead of either answer. */
    void (*failed)(void *ctx, enum delivery_failure failure, const char *why);
    /** Asked just before the final dot, and before a connection is taken that became free: does the client still wait? */
    bool (*wanted)(void *ctx);
};

struct delivery;

struct delivery *delivery_new(struct arena *arena, struct backend *backend, const struct mail_session *client,
                              const struct delivery_handler *handler, void *ctx);
/** Sends a line of AUTH (RFC 4954), on a connection that is this session's own from then on. The line is not kept. */
void delivery_authenticate(struct delivery *d, struct slice line);
/** Whether there is a connection, made or in the making. */
bool delivery_connected(const struct delivery *d);
/** Whether the connection on which the client had authenticated is lost, so that he has to do it again, in a session of his own. */
bool delivery_login_lost(const struct delivery *d);
/** Whether the final dot has left and its answer is still to come. */
bool delivery_dot_sent(const struct delivery *d);
/** The client has become somebody else (another HELO): a connection whose server was told the old identity is closed. */
void delivery_forget_client(struct delivery *d);
/** Closes the connection. */
void delivery_close(struct delivery *d);
/** What is offered from now on goes to this backend. Only while no mailbox has been accepted. */
void delivery_choose(struct delivery *d, struct backend *backend);
/** Offers a mailbox to the backend, after MAIL if it is the first one. *envelope must live until delivery_reset. */
void delivery_offer(struct delivery *d, const struct delivery_envelope *envelope, const struct delivery_mailbox *mailbox);
/** Whether the backend refused the sender, so that its answers speak of no mailbox. */
bool delivery_sender_refused(const struct delivery *d);
/** Sends the message to envelope->rcpts. Both must live until the answer. */
void delivery_send(struct delivery *d, const struct delivery_envelope *envelope, const struct delivery_message *message);
/** The transaction is over without a message, or after one: RSET if the backend holds an envelope. */
void delivery_reset(struct delivery *d);

#endif
