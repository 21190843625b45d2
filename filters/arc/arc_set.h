/* arc_set: the ARC fields of a message, read and sorted into sets (RFC 8617 §4). Pure.
 *
 * Finds out all that can be known without a key: whether the chain is complete, and what each signature claims. */
#ifndef FILTERS_ARC_ARC_SET_H
#define FILTERS_ARC_ARC_SET_H

#include "filters/signature/header_fields.h"
#include "filters/signature/key_record.h"

enum { ARC_SETS_MAX = 50 }; /* RFC 8617 §4.2.1 */

enum arc_kind { ARC_AUTHENTICATION_RESULTS, ARC_MESSAGE_SIGNATURE, ARC_SEAL, ARC_KINDS };

/** What ARC-Message-Signature and ARC-Seal have in common. */
struct arc_signature {
    const char *error; /* static: it cannot be valid; or NULL. Then only the domain may be relied on, if there is one */
    enum key_type algorithm;
    struct slice domain;   /* d=, normalised; may be empty only with an error */
    struct slice key_name; /* where the key is */
    struct slice b;        /* base64 without white space */
    struct slice b_extent; /* view into the field's value: what is cut out for the hash */
};

struct arc_message_signature {
    struct arc_signature signature;
    bool header_relaxed, body_relaxed;
    struct slice h;
    struct slice bh;             /* base64 without white space */
    uint64_t signed_at, expires; /* t=, x=: Unix time; 0: not given */
};

struct arc_set {
    size_t fields[ARC_KINDS]; /* indices of the message's fields */
    bool present[ARC_KINDS];
    struct arc_message_signature message;
    struct arc_signature seal;
    enum arc_cv { ARC_CV_UNKNOWN, ARC_CV_NONE, ARC_CV_FAIL, ARC_CV_PASS } cv;
};

struct arc_chain {
    const char *error; /* static: the chain fails whatever the signatures say (§5.2 steps 1 to 3); or NULL */
    struct arc_set *sets;
    size_t count; /* of sets, the first one has instance 1; 0: no ARC field at all, or an error */
};

/** Whether that is the name of an ARC field, and of which kind. */
bool arc_kind_of(struct slice name, enum arc_kind *kind);
/** max_sets: more of them are an error; at most ARC_SETS_MAX. */
void arc_chain_read(const struct header_fields *fields, size_t max_sets, struct arc_chain *out);

#endif
