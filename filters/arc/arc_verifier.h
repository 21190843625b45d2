/* arc_verifier: validates the Authenticated Received Chain of one message (RFC 8617 §5.2), as the message streams by. Pure: DNS
 * answers and the time are given to it.
 *
 * Only the header fields are kept. The body is hashed as it comes, in the one or two forms that the signatures ask for. */
#ifndef FILTERS_ARC_ARC_VERIFIER_H
#define FILTERS_ARC_ARC_VERIFIER_H

#include "base/dns/dns_map.h"
#include "filters/mail.h"

enum arc_result { ARC_IS_NONE, ARC_IS_PASS, ARC_IS_FAIL, ARC_IS_TEMPERROR };

struct arc_options {
    int64_t max_sets;     /* more: fail */
    int64_t min_key_bits; /* RSA */
};

struct arc_report {
    enum arc_result result;
    const char *reason; /* static; "" for none and pass */
    size_t sets;
    /* for pass: */
    struct slice domain;   /* d= of the newest seal, normalised */
    struct slice *domains; /* of all seals, newest first, each once */
    size_t domain_count;
    struct slice results; /* the value of the newest ARC-Authentication-Results: what the last sealer says it found */
    size_t oldest_pass;   /* the oldest instance from which on all message signatures are still good; 0: all of them */
};

struct arc_verifier;

/** Lives in the arena. */
struct arc_verifier *arc_verifier_new(struct arena *arena, const struct arc_options *options);
void arc_verifier_add_header(struct arc_verifier *v, const struct mail_header *header);
/** Returns the number of keys to look up. */
size_t arc_verifier_end_headers(struct arc_verifier *v);
void arc_verifier_look_up_keys(struct arc_verifier *v, struct dns_view *view);
void arc_verifier_add_body(struct arc_verifier *v, struct slice chunk);
/** All keys must be known: what the view misses counts as a temporary error. now: Unix time in seconds. */
const struct arc_report *arc_verifier_finish(struct arc_verifier *v, struct dns_view *view, uint64_t now);

const char *arc_result_word(enum arc_result result);

#endif
