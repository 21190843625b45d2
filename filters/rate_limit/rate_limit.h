/* rate_limit: one configured limit: so many events in so much time for each value of a key.
 *
 *   limits:
 *     per_net: 120/1h                                    # key client.ip
 *     per_sender: {rate: 200/1d, key: [auth.user, sender.domain], burst: 50, unit: messages}
 *
 * A key part that a session or envelope does not have (no authenticated user, the null reverse-path, <postmaster> without
 * domain) takes the event out of the limit: it is not counted and the fact rate.NAME stays absent. Bounces in particular are
 * never counted together as if they came from one sender. Limits count each for itself, whether another is over or not. */
#ifndef FILTERS_RATE_LIMIT_RATE_LIMIT_H
#define FILTERS_RATE_LIMIT_RATE_LIMIT_H

#include "base/config/option.h"
#include "filters/rate_limit/gcra.h"

enum rate_part {
    RATE_CLIENT_IP,
    RATE_CLIENT_NET, /* net4 or net6 bits of it */
    RATE_HELO,
    RATE_SENDER,
    RATE_SENDER_DOMAIN,
    RATE_RCPT,
    RATE_RCPT_DOMAIN,
    RATE_AUTH_USER,
    RATE_PART_COUNT,
};

enum rate_unit {
    RATE_RECIPIENTS, /* each RCPT is an event */
    RATE_MESSAGES,   /* the first RCPT of a transaction is; its finding holds for the others */
};

/** The facts every configuration has; those of the limits follow. */
enum rate_fact { RATE_FACT, RATE_FACT_LIMIT, RATE_FACT_RETRY_AFTER, RATE_FACT_COUNT };

struct rate_limit {
    /* read by the option table */
    const char *name;
    const struct conf_node *node;
    struct option_rate rate;
    struct option_list key;
    int64_t burst; /* 0: the rate's count */
    int64_t net4, net6;
    int unit; /* enum rate_unit */
    /* worked out by rate_limit_configure */
    enum rate_part parts[RATE_PART_COUNT];
    size_t part_count;
    struct gcra_limit gcra;
    int fact; /* index of rate.NAME among the filter's facts */
};

struct rate_limit_config {
    struct option_list limits; /* of struct rate_limit */
};

extern const struct option rate_limit_options[];
extern const char *const rate_limit_words[]; /* ok, over */

struct filter_setup;
/** Checks each limit, works out its parts and adds its fact. */
void rate_limit_configure(struct filter_setup *setup);
/** As in a key list: "client.ip". */
const char *rate_part_name(enum rate_part part);

#endif
