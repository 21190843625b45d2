/* tx: one mail transaction (RFC 5321 §3.3): begun by MAIL, ended by the answer to the message, RSET, EHLO, or the end of the session.
 * tx_begin and tx_end are the only places where its state is made and cleared. */
#ifndef PROXY_TX_H
#define PROXY_TX_H

#include "base/dns_map.h"
#include "base/spool.h"
#include "filters/auth_results.h"
#include "policy/policy.h"
#include "proxy/delivery.h"
#include "proxy/message.h"
#include "proxy/smtp_command.h"
#include "proxy/smtp_data.h"

struct session;

struct tx {
    unsigned number; /* in the session, from 1 */
    int64_t started_us;
    struct mail_transaction mail;
    struct auth_results results;
    struct dns_map *answers;
    size_t rcpt_room;
    size_t refused; /* recipients, by us or by the backend */
    bool logged;    /* the end of the transaction was logged */

    /* from DATA on */
    bool in_data;
    struct smtp_data data;
    struct message message;
    struct spool *spool;
    enum spool_status spool_status;
    bool too_large;
    uint64_t size;   /* wire bytes received */
    struct buf head; /* trace fields, in front of the message */
    struct delivery_message delivery;
    struct decision decision; /* of stage data */
};

/** Begins a transaction for a validated MAIL command. */
struct tx *tx_begin(struct session *s, const struct smtp_command *mail);
/** Adds the recipient under decision (mail.rcpt) to those accepted. */
void tx_accept_rcpt(struct tx *tx);
/** Gives everything back. completed: the message was answered; else filters hear abort and the backend RSET. Harmless without one. */
void tx_end(struct session *s, bool completed);

#endif
