/* rehearsal: a session with one message, played without a network client and without a backend.
 *
 * The filters, the resolver, the policy and every step between them are those of the proxy; what a session has and a rehearsal
 * has not is a connection on either side, a spool and a state store. Where a backend would answer, it is taken to accept. What
 * happens is written down for a report. */
#ifndef PROXY_REHEARSAL_H
#define PROXY_REHEARSAL_H

#include "filters/spf/spf_trace.h"
#include "proxy/session/chain.h"
#include "proxy/session/tx.h"
#include "proxy/settings/settings.h"

/** What the client does, and who judges it. */
struct rehearsal_script {
    struct net_addr client;
    const struct listener_settings *listener;
    struct smtp_command hello, mail; /* validated */
    const struct smtp_command *rcpts;
    size_t rcpt_count;
    struct slice wire; /* what follows DATA, with the final dot; ptr NULL: the client leaves before DATA */
    bool judged;       /* by the listener's policy; else everything is accepted */
};

/** A fact as it was at some moment. */
struct rehearsal_fact {
    int id;
    const struct fact_def *def;
    struct fact_value value;
    struct slice text; /* the value as one text */
};

struct rehearsal_facts {
    struct rehearsal_fact *items;
    size_t count;
};

/** A rule that was tried. */
struct rehearsal_trial {
    const char *rule;
    enum action action;
    bool shadow, matched;
    struct rehearsal_facts seen; /* what it was settled by, absent facts included */
    struct rehearsal_trial *next;
};

/** One answer to the client, and how it came about. */
struct rehearsal_step {
    enum stage stage;
    struct slice rcpt; /* stage rcpt: whom it was about */
    bool judged;       /* the policy was asked */
    struct rehearsal_trial *trials;
    struct decision decision;     /* if judged */
    bool refused;                 /* by the policy or by the proxy itself */
    struct slice reply;           /* what the client gets, without CRLF; empty: the backend's own answer */
    const char *remark;           /* on the reply, or "" */
    struct rehearsal_facts facts; /* stage rcpt: those of this recipient */
    struct rehearsal_step *next;
};

/** A field of the message that would be left out, or the line of one that would be changed, as it would be passed on. */
struct rehearsal_field {
    struct slice field;
    struct rehearsal_field *next;
};

struct rehearsal {
    struct rehearsal_step *steps;     /* at least one */
    const struct rehearsal_step *end; /* the last one: what became of it all */
    struct rehearsal_facts facts;     /* present at the end, those of recipients left out */
    bool passed_on;                   /* the backend would get the message */
    bool measured;                    /* the filters saw the message to its end */
    struct slice marks;               /* fields that the policy puts on top, with CRLF; or empty */
    struct slice trace_fields;        /* of filters, such as Received-SPF, with CRLF; or empty */
    struct slice auth_results;        /* the field, with CRLF; empty: none would be written */
    struct slice delivered_to;        /* the mailboxes that get it, if others do than the recipients; or empty */
    struct rehearsal_field *removed, *changed;
    uint64_t size;                         /* of the message as sent */
    const struct dns_map *session_answers; /* to what was asked when the client connected */
    const struct dns_map *answers;         /* to what was asked for the message; NULL: it ended before MAIL */
    struct spf_story spf;                  /* how filter spf came to its verdicts */
    struct slice failures;                 /* of filters, or empty */
};

/** Plays the script. tools->base must have no other events. What *out points to lives in arena, which must be freed before the
 *  resolver and the settings. */
void rehearsal_play(const struct settings *settings, const struct chain_tools *tools, const struct rehearsal_script *script,
                    struct arena *arena, struct rehearsal *out);

#endif
