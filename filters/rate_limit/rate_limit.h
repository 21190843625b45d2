/* rate_limit: the configured limits: so many events in so much time for each value of a key. docs/rate-limits.md tells users.
 *
 *   limits:
 *     per_net: 120/1h                                    # key client.ip, unit recipients
 *     per_sender: {rate: 200/1d, key: [auth.user, sender.domain], burst: 50, unit: messages}
 *     at_once: {unit: sessions, max: 20, overrides: [{in: partners, max: 200}]}
 *
 * A key part that a session or envelope does not have (no authenticated user, the null reverse-path, <postmaster> without
 * domain) takes the event out of the limit: it is not counted and the fact rate.NAME stays absent. Bounces in particular are
 * never counted together as if they came from one sender. Limits count each for itself, whether another is over or not. */
#ifndef FILTERS_RATE_LIMIT_RATE_LIMIT_H
#define FILTERS_RATE_LIMIT_RATE_LIMIT_H

#include "base/config/option.h"
#include "filters/facts.h"
#include "filters/lists/lists.h"
#include "filters/state/gcra.h"

enum { RATE_PARTS_MAX = 8, RATE_LIMITS_MAX = 64 };

enum rate_unit {
    RATE_RECIPIENTS,         /* each RCPT is an event */
    RATE_MESSAGES,           /* the first RCPT of a transaction is; its finding holds for the others */
    RATE_BYTES,              /* each byte of a message is, counted at its end */
    RATE_CONNECTIONS,        /* each connection is */
    RATE_SESSIONS,           /* no events: how many sessions are open at once */
    RATE_REFUSED_RECIPIENTS, /* each recipient refused for good is; the fact says whether there was room for one more */
    RATE_AUTH_FAILURES,      /* each failed authentication is; the fact as above */
    RATE_UNIT_COUNT,
};

/** The facts every configuration has; those of the limits follow. */
enum rate_fact { RATE_FACT, RATE_FACT_LIMIT, RATE_FACT_RETRY_AFTER, RATE_FACT_COUNT };

/** What is known of one limit, as facts: rate.NAME and, behind it, these. */
enum rate_limit_fact { RATE_LIMIT_FINDING, RATE_LIMIT_USED, RATE_LIMIT_WAIT, RATE_LIMIT_FACTS };

struct rate_part {
    const char *name; /* as in the configuration */
    int fact;
    enum fact_type type;
    bool net; /* client.net: the address without its last bits */
};

/** "Who stands in this list has that limit." The first one that applies wins. */
struct rate_override {
    /* read by the option table */
    const char *in, *rate_text;
    int64_t burst, max;
    const struct conf_node *node;
    /* worked out */
    const struct policy_list *list; /* NULL: there is none of that name, which was told */
    bool unlimited;
    struct gcra_limit gcra;
};

/** "If this fact is one of these, an event costs so much." The first one that applies wins. */
struct rate_cost {
    /* read by the option table */
    const char *fact_name, *in;
    struct option_list is;
    int64_t cost;
    const struct conf_node *node;
    /* worked out */
    int fact;
    enum fact_type type;
    const struct policy_list *list;
};

struct rate_limit {
    /* read by the option table */
    const char *name;
    const struct conf_node *node;
    struct option_rate rate; /* count 0: none */
    struct option_list key;
    int64_t burst; /* 0: the rate's count */
    int64_t max;   /* sessions */
    int64_t cost;
    int64_t net4, net6;
    int unit;                     /* enum rate_unit */
    struct option_list overrides; /* of struct rate_override */
    struct option_list costs;     /* of struct rate_cost */
    /* worked out by rate_limit_configure */
    struct rate_part parts[RATE_PARTS_MAX];
    size_t part_count;
    struct gcra_limit gcra;
    enum stage since; /* from which its facts are known */
    int fact;         /* index of rate.NAME among the filter's facts */
};

struct rate_limit_config {
    struct option_list limits; /* of struct rate_limit */
    int size_fact;             /* id of "size" */
};

/** What a limit comes to for one key. */
struct rate_terms {
    bool unlimited;
    const struct gcra_limit *gcra;
    int64_t max; /* sessions */
};

extern const struct option rate_limit_options[];
extern const char *const rate_limit_words[]; /* ok, over */

struct filter_setup;
struct fact_def;
/** Whether the fact differs between the recipients of a message, for which this limit counts once: it can use no such fact. */
bool rate_limit_is_of_one_recipient(const struct rate_limit *limit, const struct fact_def *def);
/** Checks each limit, works out its parts and adds its facts. */
void rate_limit_configure(struct filter_setup *setup);
/** rate_limit_rules.c: the part of it that concerns overrides and costs. */
void rate_limit_check_rules(struct filter_setup *setup, struct rate_limit *limit);
/** The last stage whose facts may stand in a key or a cost. */
enum stage rate_unit_stage(enum rate_unit unit);
/** Whether the unit counts what happens later, and its fact looks ahead. */
bool rate_unit_looks(enum rate_unit unit);
/** Which terms apply; values as rate_limit_key takes them. */
struct rate_terms rate_limit_terms(const struct rate_limit *limit, const struct fact_value *values);
/** What one event costs now. */
int64_t rate_limit_cost(const struct rate_limit *limit, const struct facts *facts);

#endif
