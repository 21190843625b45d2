/* tx: one mail transaction (RFC 5321 §3.3): begun by MAIL, ended by the answer to the message, RSET, EHLO, or the end of the session.
 * tx_begin and tx_end are the only places where its state is made and cleared. */
#ifndef PROXY_TX_H
#define PROXY_TX_H

#include "base/dns/dns_map.h"
#include "base/spool.h"
#include "filters/auth_results.h"
#include "policy/policy.h"
#include "proxy/backend/delivery.h"
#include "proxy/session/tx_signing.h"
#include "proxy/settings/settings.h"
#include "proxy/smtp/message.h"
#include "proxy/smtp/smtp_chunk.h"
#include "proxy/smtp/smtp_command.h"
#include "proxy/smtp/smtp_data.h"

struct session;

/** A reply with which the proxy itself refuses; code 0: it does not. */
struct tx_refusal {
    int code;
    const char *enhanced, *text;
};

/** Recipients for whom stage data decides alike, whatever the message is. */
struct tx_class {
    const struct policy *policy;
    struct slice rcpts;              /* policy_rcpt_class */
    const struct facts_saved *facts; /* of the first one of them */
    struct tx_class *next;
};

struct tx {
    unsigned number; /* in the session, from 1 */
    int64_t started_us;
    struct mail_transaction mail;
    struct auth_results results;
    struct dns_map *answers;
    size_t rcpt_room;
    size_t refused;             /* recipients, by us or by the backend */
    size_t deferred;            /* recipients sent away to come in a transaction of their own */
    bool logged;                /* the end of the transaction was logged */
    struct tx_class *classes;   /* of the recipients accepted so far */
    size_t backend;             /* of the recipients accepted so far, in settings->backends */
    struct tx_class rcpt_class; /* of the one under decision; policy NULL: nobody judges it */

    /* the mailboxes that get the message, which need not be the recipients that the client named (mail.rcpts) */
    struct delivery_envelope envelope;
    size_t envelope_room;
    struct delivery_mailbox *offers; /* those that the backend must accept for the recipient under decision */
    size_t offer_count, offered;     /* offered: accepted so far */

    /* from DATA on */
    bool in_data;
    struct smtp_data data;
    struct smtp_chunk chunk; /* BDAT */
    struct message message;
    struct spool *spool;
    enum spool_status spool_status;
    bool too_large;
    uint64_t size;   /* wire bytes received */
    struct buf head; /* trace fields, in front of the message */
    struct delivery_message delivery;
    struct delivery_reader reader; /* while it is being signed */
    struct tx_signing *signing;
    struct tx_signatures signatures;
    struct decision decision; /* of stage data */
};

/** Begins a transaction for a validated MAIL command. */
struct tx *tx_begin(struct session *s, const struct smtp_command *mail);
/** Gives everything back. completed: the message was answered; else filters hear abort and the backend RSET. Harmless without one. */
void tx_end(struct session *s, bool completed);

/* tx_envelope.c: the transaction itself, whoever holds it */

/** Lives in the arena. queries: that its filters may want in all. */
struct tx *tx_new(struct arena *arena, const struct smtp_command *mail, unsigned queries);
/** Why there can be no further recipient. */
struct tx_refusal tx_full(const struct tx *tx, const struct limit_settings *limits);
/** Puts a recipient under decision (mail.rcpt). */
void tx_offer_rcpt(struct tx *tx, const struct mail_path *rcpt);
/** Adds the recipient under decision (mail.rcpt), whose facts these are, to those accepted, and its class, and its offers to the
 *  envelope. */
void tx_accept_rcpt(struct tx *tx, const struct facts *facts);
/** Why nobody can decide now: lookups were refused because of our own load, or filters that must not fail have failed, this one
 *  first (NULL: none). Code 0: the policy can. *error: for the log. */
struct tx_refusal tx_undecidable(const struct tx *tx, const char *filter, struct arena *arena, const char **error);
/** Filters that must not fail have failed, this one first. */
struct tx_refusal tx_deferral(const char *filter, struct arena *arena);

/* tx_policy.c: who judges */

/** The policy for the recipient under decision: of the first route that names it, else the listener's. */
const struct policy *tx_rcpt_policy(const struct tx *tx, const struct listener_settings *listener);
/** The backend, in settings->backends, for the recipient under decision. */
size_t tx_rcpt_backend(const struct tx *tx, const struct listener_settings *listener);
/** Whether the recipient under decision goes to another backend than those accepted so far: it must come in a transaction of its own. */
bool tx_leaves_backend(const struct tx *tx, const struct listener_settings *listener);
/** Notes the class of the recipient under decision, whose facts these are. False: it must not be mixed with those accepted so far; if it
 *  is nevertheless (in shadow), nobody judges it at stage data. */
bool tx_classify_rcpt(struct tx *tx, const struct listener_settings *listener, const struct facts *facts);
/** The reply to one that must not be mixed; counts it. */
struct tx_refusal tx_split(struct tx *tx);
void tx_join_class(struct tx *tx, const struct facts *facts);
/** Decides at stage data: the recipients' policy on their facts; of several classes the mildest decision holds for all. What the facts
 *  have of scope recipient (core_facts_publish_data cleared it) was found for all of them. They are left
 *  as those of the recipients whose decision it is. Strings of *out live in the transaction's arena or in the policy. trace may be NULL. */
void tx_decide(const struct tx *tx, const struct listener_settings *listener, struct facts *facts, bool shadow, struct decision *out,
               const struct policy_trace *trace);

/* tx_delivery.c: who gets the message */

/** Which mailboxes are to be offered to the backend for the recipient under decision: itself or the one it is redirected to, then those
 *  that are added; none that has been offered already. */
void tx_plan_rcpt(struct tx *tx, const struct decision *decision);
/** The next one to offer; NULL: all were accepted. Whoever hears that it was counts offered up. */
const struct delivery_mailbox *tx_next_offer(const struct tx *tx);
void tx_keep_offers(struct tx *tx);
/** The recipient is not accepted: what the backend has accepted for it is not to get the message. */
void tx_drop_offers(struct tx *tx);
/** Changes the envelope as a decision at stage data wants. */
void tx_plan_message(struct tx *tx, const struct decision *decision);
/** Whether others get the message than the recipients that the client named. */
bool tx_goes_elsewhere(const struct tx *tx);

/* tx_data.c: from DATA to the final dot */

void tx_start_data(struct tx *tx, const struct settings *settings, void (*on_field)(void *ctx, const struct mail_header *field),
                   void (*on_header_end)(void *ctx), void *ctx);
/** The message cannot be accepted any more, whatever follows. */
bool tx_hopeless(const struct tx *tx);
/** Takes a run of smtp_data.h. Returns what belongs to the body, for the filters; valid until the next call. */
struct slice tx_take_data(struct tx *tx, const struct limit_settings *limits, struct slice wire, struct slice text);
/** Why the message, which is complete, cannot be taken as such. */
struct tx_refusal tx_unacceptable(const struct tx *tx, const struct limit_settings *limits);

#endif
