/* chain: runs the phases of a session over the filters, one after the other, and owns their deadlines.
 *
 * A filter that waits parks the chain; past its timeout the filter has failed: its facts are unknown, and what that means is its
 * on_error setting. All waits of one transaction together last no longer than the longest timeout (10 s by default). The chain knows
 * nothing of SMTP replies or policy. */
#ifndef PROXY_CHAIN_H
#define PROXY_CHAIN_H

#include "filters/filter.h"
#include "proxy/settings/settings.h"

#include <event2/event.h>

enum chain_phase { CHAIN_CONNECT, CHAIN_HELO, CHAIN_MAIL, CHAIN_RCPT, CHAIN_DATA, CHAIN_EOM };

/** What the worker lends to every chain. */
struct chain_tools {
    struct event_base *base;
    struct dns *dns;
    struct state *state; /* NULL: there is none */
};

struct chain;

/** Called when a phase that could not be finished at once is over. */
typedef void (*chain_done_fn)(void *ctx);

/** Lives in the session's arena. */
struct chain *chain_new(const struct settings *settings, const struct chain_tools *tools, const struct mail_session *session,
                        struct facts *facts, chain_done_fn done, void *ctx);
/** What was asked for the session, before there was a transaction. */
const struct dns_map *chain_answers(const struct chain *c);
/** No filter is called any more (a trusted session). */
void chain_disable(struct chain *c);
void chain_begin(struct chain *c, const struct mail_transaction *tx, struct auth_results *results, struct dns_map *answers);
/** Ends the transaction; filters hear abort unless the message was completed. */
void chain_end(struct chain *c, bool completed);
void chain_close(struct chain *c);

/** Runs a phase. True: it is over. False: done will be called. */
bool chain_run(struct chain *c, enum chain_phase phase);
/** Observers. */
void chain_header(struct chain *c, const struct mail_header *header);
void chain_eoh(struct chain *c);
void chain_body(struct chain *c, struct slice chunk);
void chain_event(struct chain *c, enum filter_event event);

/** The first filter that failed in this transaction, if mail is to be deferred then (on_error, filter_defer): its name, else NULL. */
const char *chain_deferred(const struct chain *c);
/** Writes "spf: timeout, dkim: ..." for the log; empty if none failed. */
struct slice chain_failures(const struct chain *c, struct arena *arena);

#endif
