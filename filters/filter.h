/* filter: the public interface between Mailweir and a filter.
 *
 * A filter measures: in milter's own phases it looks at the session and the message and publishes facts. It never answers the
 * client and never changes the message: the policy decides on the facts, the proxy carries out. What it found may be told to
 * later readers in Authentication-Results, or in a trace field of its own (auth_results.h).
 *
 * Three things are never mixed up: a filter's error (filter_fail: its facts become unknown, or the transaction is deferred,
 * as its on_error says), its finding (a fact), and the decision (policy).
 *
 * All functions run on the worker's one thread and must not block: no blocking I/O, no sleep. DNS goes through replay.h.
 * A phase returns FILTER_DONE, or FILTER_WAIT and later calls filter_resume once; the core parks the session meanwhile and
 * owns the deadline. Work started in one phase may go on through the next ones; wait where its result is needed. */
#ifndef FILTERS_FILTER_H
#define FILTERS_FILTER_H

#include "base/config/option.h"
#include "base/dns/dns.h"
#include "base/dns/dns_map.h"
#include "filters/auth_results.h"
#include "filters/facts.h"
#include "filters/mail.h"
#include "filters/state/state.h"

enum { FILTER_API_VERSION = 1 };

/** Of a message's DNS budget, what a filter leaves to those behind it (dns_view.reserve), lest one identity's hostile zone starve the
 *  checks of another. SPF comes first, DKIM's keys next (at most 10), DMARC last (a walk of 8 and one for existence); ARC's keys leave to
 *  DMARC what DKIM's do. What is asked for the session, before there is a message, is few and counts in its first one, of what SPF may
 *  use. */
enum { FILTER_RESERVE_SPF = 19, FILTER_RESERVE_DKIM = 9, FILTER_RESERVE_ARC = 9, FILTER_SESSION_QUERIES = 6 };

enum filter_status { FILTER_DONE, FILTER_WAIT };

/** What happens in a session beside its phases. */
enum filter_event {
    FILTER_RCPT_REFUSED, /* the recipient of ctx->tx->rcpt was refused for good (5xx), by our policy or by the backend */
    FILTER_AUTH_FAILED,  /* the client's user name or password was wrong */
};

struct filter_ctx;

/** What the core does for a filter; filters call it through the functions below. */
struct filter_host {
    void (*resume)(struct filter_ctx *ctx);
    void (*fail)(struct filter_ctx *ctx, const char *why);
    void (*defer)(struct filter_ctx *ctx, const char *why);
};

/** The calls of one filter for one session. The pointers are stable for the life of what they describe. */
struct filter_ctx {
    const struct filter *filter;
    const void *config;             /* filled from filter->options */
    void *session_state, *tx_state; /* zeroed at the start of session and transaction; tx_state NULL outside one */
    const struct mail_session *session;
    const struct mail_transaction *tx; /* NULL outside a transaction */
    struct facts *facts;               /* readable; write with the functions below */
    struct auth_results *results;      /* of this transaction; NULL outside one */
    struct dns *dns;                   /* this worker's resolver */
    struct dns_map *answers;           /* of this transaction, shared by all filters; NULL outside one */
    struct dns_map *session_answers;   /* of the session: FILTER_SESSION_QUERIES for all filters */
    struct state *state;               /* this worker's handle; NULL if the store could not be opened */
    int fact_base;                     /* id of the filter's first fact */
    const struct filter_host *host;
    void *core; /* the host's own */
};

/** Given to configure. */
struct filter_setup {
    void *config;                 /* already filled from the option table */
    const struct conf_node *node; /* the filter's section, or NULL */
    const char *hostname;
    struct arena *arena;              /* lives as long as the configuration */
    const struct policy_lists *lists; /* of the configuration (lists/lists.h) */
    struct fact_schema *schema;
    struct conf_errors *errors;
    int fact_base;
};

struct filter {
    unsigned api_version;         /* FILTER_API_VERSION */
    const char *name;             /* the key under `filters:` */
    const char *doc;              /* one sentence for help */
    const char *after;            /* names of filters that run before this one in each phase, by spaces; or NULL */
    bool off_by_default;          /* it runs only if its section says `enabled: true` */
    const struct option *options; /* ends with a row whose key is NULL; NULL: none */
    size_t config_size, session_size, tx_size;
    const struct fact_def *facts;
    size_t fact_count;

    /** Checks the configuration beyond the table; may add facts with fact_schema_add (their ids follow). Errors go to errors. */
    void (*configure)(struct filter_setup *setup);

    /* Phases; NULL: nothing to do. */
    enum filter_status (*connect)(struct filter_ctx *ctx);
    enum filter_status (*helo)(struct filter_ctx *ctx);
    enum filter_status (*mail)(struct filter_ctx *ctx);
    enum filter_status (*rcpt)(struct filter_ctx *ctx); /* ctx->tx->rcpt */
    enum filter_status (*data)(struct filter_ctx *ctx);
    void (*header)(struct filter_ctx *ctx, const struct mail_header *header); /* observer */
    enum filter_status (*eoh)(struct filter_ctx *ctx);        /* observer too: must return FILTER_DONE; start lookups here */
    void (*body)(struct filter_ctx *ctx, struct slice chunk); /* observer; dot-stuffing removed, CRLF line ends */
    enum filter_status (*eom)(struct filter_ctx *ctx);
    void (*event)(struct filter_ctx *ctx, enum filter_event event); /* observer: cannot wait */
    void (*abort)(struct filter_ctx *ctx); /* the transaction ends early; replays end with the arena by themselves */
    void (*close)(struct filter_ctx *ctx); /* the session ends */
};

/** The phase that returned FILTER_WAIT is complete. Never call it from inside the phase. */
static inline void filter_resume(struct filter_ctx *ctx)
{
    ctx->host->resume(ctx);
}
/** The filter could not do its work; why is a short static text for the log. Then complete the phase as usual. */
static inline void filter_fail(struct filter_ctx *ctx, const char *why)
{
    ctx->host->fail(ctx, why);
}

/** The same, and the mail is to be deferred whatever on_error says. */
static inline void filter_defer(struct filter_ctx *ctx, const char *why)
{
    ctx->host->defer(ctx, why);
}

/** Publishing. fact: index into filter->facts (or beyond, for facts added by configure). */
static inline void filter_fact_text(struct filter_ctx *ctx, int fact, struct slice value)
{
    facts_set_text(ctx->facts, ctx->fact_base + fact, value);
}
static inline void filter_fact_word(struct filter_ctx *ctx, int fact, const char *word)
{
    facts_set_text(ctx->facts, ctx->fact_base + fact, slice_of(word));
}
static inline void filter_fact_number(struct filter_ctx *ctx, int fact, int64_t value)
{
    facts_set_number(ctx->facts, ctx->fact_base + fact, value);
}
static inline void filter_fact_list(struct filter_ctx *ctx, int fact, const struct slice *items, size_t count)
{
    facts_set_list(ctx->facts, ctx->fact_base + fact, items, count);
}

#endif
