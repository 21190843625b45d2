/* tree_walk: the DNS Tree Walk (RFC 9989 §4.10) over answers. Pure.
 *
 * All names of a walk are known in advance and asked for at once. A name that could not be looked up leaves open which domain is
 * the organizational one; then the walk tells the shortest it could be, so that a caller can say of a domain outside of that
 * with certainty that it does not align. */
#ifndef FILTERS_DMARC_TREE_WALK_H
#define FILTERS_DMARC_TREE_WALK_H

#include "base/dns/dns_map.h"
#include "filters/dmarc/dmarc_record.h"

enum { TREE_WALK_QUERIES_MAX = 8 };

enum tree_node_state {
    TREE_NODE_EMPTY,  /* no record, or several, which are all discarded */
    TREE_NODE_RECORD, /* one record */
    TREE_NODE_FAILED, /* could not be looked up */
};

/** One domain of a walk. */
struct tree_node {
    struct slice domain;
    enum tree_node_state state;
    bool several;               /* EMPTY, because there were several */
    bool exists;                /* the DNS has something at or below the domain */
    bool usable;                /* RECORD: a policy can be taken from it */
    struct dmarc_record record; /* RECORD */
};

struct tree_walk {
    bool missing;     /* an answer is not there yet: nothing else here means anything */
    size_t count;     /* domains, the longest first, up to the one that has psd=y or psd=n */
    struct slice org; /* the organizational domain (§4.10.2), or the shortest that it could be */
    bool certain;     /* it is */
    struct tree_node nodes[TREE_WALK_QUERIES_MAX];
};

/** Where to find the policy of the domain the walk started at. */
enum tree_policy { TREE_POLICY_NONE, TREE_POLICY_FOUND, TREE_POLICY_UNKNOWN /* something could not be looked up */ };

/** domain: normalised (domain_name.h). Slices point into it. */
void tree_walk_run(struct slice domain, struct dns_view *view, struct tree_walk *walk);
/** Policy discovery (§4.10.1): the record of the domain itself, of its organizational domain, or of its public suffix. */
enum tree_policy tree_walk_policy(const struct tree_walk *walk, const struct tree_node **node);

#endif
