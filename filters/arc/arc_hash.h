/* arc_hash: what ARC's signatures are computed over (RFC 8617 §4.1.2, §5.1.1), hashed with SHA-256. Pure. */
#ifndef FILTERS_ARC_ARC_HASH_H
#define FILTERS_ARC_ARC_HASH_H

#include "filters/arc/arc_set.h"
#include "filters/public_key.h"

/** The header fields of one message, with what is computed of them only once. */
struct arc_hash {
    struct arena *arena;
    const struct arc_field *fields;
    size_t count;
    struct slice *relaxed;       /* by field; ptr NULL: not yet computed */
    bool *taken;                 /* by field: chosen by h= already */
    struct evp_md_ctx_st *chain; /* over the sets before the next one */
};

/** Lives in the arena. False: the crypto library has no memory. */
bool arc_hash_init(struct arc_hash *hash, const struct arc_field *fields, size_t count, struct arena *arena);
/** Over the fields of h=, each the last one not yet taken of its name, and the signature itself without b=. False: h= names
 *  too many. */
bool arc_hash_message(struct arc_hash *hash, const struct arc_set *set, uint8_t digest[SHA256_BYTES]);
/** Over all sets up to this one, its seal without b=. Must be called for each set in order, from the first. */
void arc_hash_seal(struct arc_hash *hash, const struct arc_set *set, uint8_t digest[SHA256_BYTES]);

#endif
