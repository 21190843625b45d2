/* status_plan: which counters there are under one configuration. Made before the workers are forked; what a worker counts it finds by
 * index, never by name.
 *
 * A counter's name is a list of parts (status_name.h): what kind it is of, and of what. */
#ifndef PROXY_STATUS_PLAN_H
#define PROXY_STATUS_PLAN_H

#include "base/stats_page.h"
#include "proxy/settings/settings.h"

/** What is counted under every configuration. */
enum status_total {
    STATUS_SESSIONS,
    STATUS_SESSIONS_OPEN,
    STATUS_RECIPIENTS_ACCEPTED, /* the backend said so */
    STATUS_RECIPIENTS_REFUSED,  /* by us or by the backend */
    STATUS_MESSAGES_ACCEPTED,   /* the client got 2xx */
    STATUS_MESSAGES_DEFERRED,   /* 4xx */
    STATUS_MESSAGES_REFUSED,    /* 5xx */
    STATUS_MESSAGES_UNCONFIRMED,
    STATUS_MESSAGES_ABORTED,
    STATUS_REGEX_GAVE_UP, /* decisions in which a regular expression reached its limits */
    STATUS_TOTALS
};

/** What is counted of a listener. */
enum status_of_listener {
    STATUS_LISTENER_SESSIONS, /* that were let in */
    STATUS_LISTENER_OPEN,     /* of these */
    STATUS_REFUSED_WORKER,    /* limits.sessions */
    STATUS_REFUSED_SESSIONS,  /* and the listener's own limits, one by one */
    STATUS_REFUSED_PER_ADDRESS,
    STATUS_REFUSED_PER_NETWORK,
    STATUS_REFUSED_RATE,
    STATUS_REFUSED_NETWORK_RATE,
    STATUS_REFUSED_DESCRIPTORS, /* the worker has no descriptor to spare */
    STATUS_OF_LISTENER
};

/** What a worker knows of an entry under `servers`; a name may lead to several servers. */
enum status_of_backend {
    STATUS_BACKEND_UP,
    STATUS_BACKEND_DOWN,
    STATUS_BACKEND_DRAINED,
    STATUS_BACKEND_SESSIONS, /* that use it now */
    STATUS_BACKEND_KEPT,     /* connections that wait for the next session */
    STATUS_OF_BACKEND
};

/** What is counted of one policy at one stage. */
enum status_of_stage {
    STATUS_DECISIONS,      /* how often it was asked */
    STATUS_NO_RULE,        /* no rule decided */
    STATUS_DIFFERS,        /* its candidate would have done otherwise */
    STATUS_DIFFERS_INSIDE, /* its candidate would have done the same by another rule */
    STATUS_OF_STAGE
};

/** What is counted of a rule. */
enum status_of_rule {
    STATUS_MATCHED,
    STATUS_SHADOW, /* it would have acted */
    STATUS_OF_RULE
};

/** The counters of a fact's words, in the order of its definition. */
struct status_words {
    int fact;
    enum fact_scope scope;
    const char *const *words;
    size_t first;
};

struct status_policy {
    const struct policy *policy;
    size_t first; /* stage by stage, STATUS_OF_STAGE each */
};

struct status_rule {
    const char *rule; /* as decisions name it: this very string */
    size_t first;
};

struct status_plan {
    struct stats_def *defs;
    size_t count, room;
    struct status_words *words[STAGE_COUNT]; /* by the stage from which they are known */
    size_t word_count[STAGE_COUNT];
    size_t listeners; /* the first of STATUS_OF_LISTENER for each */
    size_t backends;  /* the first of STATUS_OF_BACKEND for each */
    size_t actions;   /* the first of ACTION_COUNT for each stage */
    struct status_policy *policies;
    size_t policy_count;
    struct status_rule *rules; /* by address */
    size_t rule_count;
};

/** In the settings' arena. */
const struct status_plan *status_plan_new(const struct settings *settings);

#endif
