/* delivery: the backend's side of one session's transactions.
 *
 * A connection is taken at the first recipient and kept for the session's next messages. Lost before the final dot it is replaced once
 * and the envelope replayed; after the dot never: then nobody knows whether the backend has the message, and the client must not be
 * told that it has. */
#ifndef PROXY_DELIVERY_H
#define PROXY_DELIVERY_H

#include "base/spool.h"
#include "proxy/backend/upstream.h"
#include "proxy/smtp/message.h"

/** Why a question to the backend has no answer. */
enum delivery_failure {
    DELIVERY_UNAVAILABLE, /* no connection, or it was lost before the final dot */
    DELIVERY_UNCONFIRMED, /* lost or silent after the final dot */
    DELIVERY_SPOOL,       /* our own copy could not be read */
    DELIVERY_ABANDONED,   /* wanted() said no before the final dot */
};

struct delivery_handler {
    /** The answer to delivery_rcpt. reply valid during the call. */
    void (*rcpt_answered)(void *ctx, const struct smtp_reply *reply);
    /** The answer to delivery_send: the reply to the final dot, or a refusal before it. */
    void (*message_answered)(void *ctx, const struct smtp_reply *reply);
    /** Instead of either answer. */
    void (*failed)(void *ctx, enum delivery_failure failure, const char *why);
    /** Asked once, just before the final dot: does the client still wait? */
    bool (*wanted)(void *ctx);
};

/** What to send: head, then the spool without the ranges in skip (ascending). */
struct delivery_message {
    struct slice head;
    struct spool *spool;
    const struct message_range *skip;
};

struct delivery;

struct delivery *delivery_new(struct arena *arena, struct backend *backend, const struct mail_session *client,
                              const struct delivery_handler *handler, void *ctx);
/** Whether the final dot has left and its answer is still to come. */
bool delivery_dot_sent(const struct delivery *d);
/** The client has become somebody else (another HELO): a connection whose server was told the old identity is closed. */
void delivery_forget_client(struct delivery *d);
/** Closes the connection. */
void delivery_close(struct delivery *d);
/** Offers tx->rcpt to the backend, after MAIL if it is the first one. */
void delivery_rcpt(struct delivery *d, const struct mail_transaction *tx);
/** Sends the message to tx->rcpts. *message must live until the answer. */
void delivery_send(struct delivery *d, const struct mail_transaction *tx, const struct delivery_message *message);
/** The transaction is over without a message, or after one: RSET if the backend holds an envelope. */
void delivery_reset(struct delivery *d);

#endif
