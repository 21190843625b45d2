/* session_state: what the files session*.c, tx.c and decision_log.c share; private to them.
 *
 * A session does one thing at a time. While it waits for filters or the backend it is busy: its client stream is paused, and
 * pipelined input becomes back-pressure. */
#ifndef PROXY_SESSION_STATE_H
#define PROXY_SESSION_STATE_H

#include "base/stream.h"
#include "proxy/front/admission.h"
#include "proxy/session/chain.h"
#include "proxy/session/session.h"
#include "proxy/session/tx.h"
#include "proxy/smtp/smtp_address.h"
#include "proxy/smtp/smtp_command.h"

#include <event2/event_struct.h>

enum session_state {
    SESSION_COMMAND = 1,   /* a command line comes next */
    SESSION_SKIP_LINE = 2, /* the rest of an over-long line is thrown away */
    SESSION_DATA = 4,      /* message bytes come next */
    SESSION_TLS = 16,      /* the TLS handshake comes next */
    SESSION_PROXY = 32,    /* a PROXY header comes next */
    SESSION_AUTH = 128,    /* a response to a challenge of AUTH comes next */
    SESSION_CHUNK = 64,    /* bytes of a chunk come next */
    SESSION_CLOSED = 8,    /* gone; freed when the last callback has returned */
};

typedef void (*session_step_fn)(struct session *s);

/** A chunk that is being received (BDAT). */
struct session_chunk {
    uint64_t size, left; /* bytes */
    bool last;
    struct tx_refusal refusal; /* what it is answered when it has been taken off the input; code 0: it is used */
};

/** An AUTH under way (RFC 4954). */
struct session_auth {
    bool under_way;
    enum sasl_mechanism mechanism;
    char user[SASL_USER_MAX + 1]; /* who the client says he is; empty: he has not said */
};

struct session {
    struct worker *worker;
    const struct settings *settings;
    const struct listener_settings *listener;
    struct session *next, **link;                /* in the worker's list */
    struct arena *arena, *tx_arena, *line_arena; /* of the session, the transaction, the command */
    struct stream *client;
    struct mail_session mail;
    char id[40];
    char helo[SMTP_DOMAIN_MAX];
    enum session_state state;
    bool busy;              /* waits for filters or the backend */
    bool greeted;           /* HELO or EHLO was accepted */
    const char *trusted_by; /* the rule that trusts this session, or NULL */
    bool closing_421;       /* a 421 was decided while busy: close as soon as possible */
    const char *cut_reason;
    unsigned depth; /* callbacks under way */
    struct facts facts;
    struct chain *chain;
    struct delivery *delivery;
    struct smtp_offer offer;
    struct session_chunk chunk;
    struct session_auth auth;
    struct smtp_command command;  /* being carried out */
    session_step_fn after;        /* where a waiting phase, or a reply held back, goes on */
    struct decision decision;     /* of the stage under way; that of stage data stands in tx */
    struct slice rcpt_reply;      /* what the client will hear if its recipient is accepted; empty: our own word */
    struct tx *tx;                /* NULL outside a transaction */
    struct slice held;            /* a reply to be given when its time has come; in line_arena */
    struct admission_guest guest; /* by what the client is counted */
    bool admitted;
    unsigned errors, transactions;
    int64_t started_us;
    int64_t data_until_us; /* deadline of DATA; 0: not in DATA */
    int64_t step_until_us; /* of the rest of a command line, of a refused chunk, a PROXY header or a TLS handshake; 0: none is under way */
    struct event deadline; /* the nearest one */
    struct event hold;     /* while a reply is held back */
    int64_t hold_until_us;
    struct event signing; /* while a message is being signed */
};

/* session.c */
void session_reply(struct session *s, int code, const char *enhanced, const char *text);
/** The client made a mistake: counts it, and gives the session up after too many. */
void session_error(struct session *s, int code, const char *enhanced, const char *text);
void session_write(struct session *s, struct slice bytes);
/** Runs a phase of the filters, then after(s): at once, or when they are done. */
void session_phase(struct session *s, enum chain_phase phase, session_step_fn after);
/** Sets how long the client may be silent, or take no output. */
void session_set_timeout(struct session *s);
/** Stops reading until session_go_on. */
void session_wait(struct session *s);
/** What the session waited for has come: goes on with `after`. */
void session_wake(struct session *s);
/** What the session waited for has come and was answered: reads on. */
void session_go_on(struct session *s);
/** Sends what is due and closes. */
void session_end(struct session *s, int64_t linger_ms);

/* session_deadline.c */
void session_deadline_init(struct session *s);
/** Sets the timer to the nearest deadline: the session's, DATA's or a step's. */
void session_set_deadline(struct session *s);
/** A step has begun that the client has to finish in this time; if one is under way already its time stays. */
void session_begin_step(struct session *s, int64_t ms);
void session_end_step(struct session *s);

/* session_command.c: one line, one command */
void session_command_line(struct session *s, struct slice line);
void session_reset(struct session *s);

/* session_hello.c */
void session_greet(struct session *s);
void session_hello(struct session *s);

/* session_arrival.c */
/** The connection stands. */
void session_arrive(struct session *s);
/** Who the client is: the peer, or whom a load balancer names. */
void session_identify(struct session *s, const struct net_addr *client);
/** Takes a PROXY header. False: nothing more can be done with what is there. */
bool session_proxy_input(struct session *s);
/** The session is over: its client is no longer counted. */
void session_depart(struct session *s);

/* session_tls.c */
/** The client is to speak TLS from its first byte on. */
void session_implicit_tls(struct session *s);
void session_starttls(struct session *s);
/** Begins the handshake, once the command that asked for it has been taken from the input. */
void session_start_tls(struct session *s);
void session_secured(struct session *s);
/** Whether the command under way needs TLS first (RFC 3207 §4). */
bool session_tls_missing(const struct session *s);
/** Whether STARTTLS is to be offered now. */
bool session_offers_tls(const struct session *s);

/* session_auth.c */
/** What a client hears whose authenticated connection is lost, before the session ends. */
#define SESSION_LOGIN_LOST "Connection to the mail system was lost, please authenticate again"
void session_auth(struct session *s);
/** Takes a response. False: nothing complete is there. */
bool session_auth_input(struct session *s);
void session_auth_answered(struct session *s, const struct smtp_reply *reply);
void session_auth_failed(struct session *s, const char *why);
/** Whether AUTH is to be offered now. */
bool session_offers_auth(const struct session *s);

/* session_offer.c */
/** Works out what this client is offered. */
void session_make_offer(struct session *s);
/** The reply to EHLO. */
void session_say_offer(struct session *s);

/* session_envelope.c */
void session_mail(struct session *s);
/** Lookups were refused, or a filter that must not fail has failed: nobody can decide now. True: the client was told. */
bool session_deferred(struct session *s, enum stage stage);
/** True: the session was given up. */
bool session_too_many_errors(struct session *s);

/* session_rcpt.c */
void session_rcpt(struct session *s);
void session_rcpt_answered(struct session *s, const struct smtp_reply *reply);
void session_rcpt_failed(struct session *s, enum delivery_failure failure, const char *why);

/* session_data.c */
void session_data(struct session *s);
/** DATA or the first BDAT was accepted: message bytes come. */
void session_begin_data(struct session *s);
/** Takes bytes of the message in the form of DATA; *taken: how many. True: the final dot was among them. */
bool session_take_data(struct session *s, struct slice wire, size_t *taken);
/** The message is complete. */
void session_end_data(struct session *s);
/** Takes message bytes that arrived. False: nothing more can be done with what is there. */
bool session_data_input(struct session *s);

/* session_chunk.c */
void session_bdat(struct session *s);
/** Takes bytes of a chunk. False: nothing more can be done with what is there. */
bool session_chunk_input(struct session *s);

/* session_message.c: the end of the message, the decision, and what comes of it */
void session_message(struct session *s);
void session_message_answered(struct session *s, const struct smtp_reply *reply);
void session_message_failed(struct session *s, enum delivery_failure failure, const char *why);

/* session_backend.c */
/** What the client may be offered: what all backends that it can reach offer; nothing if none is up. */
struct backend_offer session_backend_offer(const struct session *s);
/** Whether all of them are spoken to under TLS with their certificates verified. */
bool session_backend_verified(const struct session *s);
/** Whether one of them is up. */
bool session_backend_up(const struct session *s);
/** Chooses the backend for the recipient under decision, and tells it who the client is. */
void session_backend_choose(struct session *s);

/* session_policy.c */
/** Decides at a stage, into s->decision or, at stage data, s->tx->decision; in a trusted session everything is accepted. Logs a refusal or
 *  a shadow decision. Then after(s), as soon as the time is over for which a rule wants the reply held back. */
void session_decide(struct session *s, enum stage stage, session_step_fn after);
/** Gives the reply of s->decision, which refuses; disconnect ends the session. */
void session_refuse(struct session *s);

/* session_sign.c */
void session_sign_init(struct session *s);
/** Signs tx->delivery, if it is to be, and calls after(s). tx->signatures and tx->spool_status tell what came of it. */
void session_sign(struct session *s, session_step_fn after);

/* session_hold.c */
void session_hold_init(struct session *s);
/** Calls after(s) when this time is over: at once, if it is 0. */
void session_delay(struct session *s, int64_t ms, session_step_fn after);
/** The same for the time that a client who makes so many mistakes has to wait (limits.error_delay). */
void session_tarpit(struct session *s, session_step_fn after);
/** Gives s->held to the client. */
void session_say_held(struct session *s);
/** Calls after(s) when all delays of the decision (decision_delay_ms) are over. */
void session_hold(struct session *s, const struct decision *decision, session_step_fn after);

/* decision_log.c */
struct decision_outcome {
    enum stage stage;
    const struct decision *decision; /* or NULL: no policy decision, the proxy or the backend spoke */
    const char *action;              /* "accept", "reject" ..., what was done */
    int code;                        /* of the reply to the client; 0: none was given */
    struct slice enhanced, text;
    struct slice backend_reply; /* first line of the backend's reply, or empty */
    const char *error;          /* what went wrong, or NULL */
};
void decision_log(struct session *s, const struct decision_outcome *outcome);

#endif
