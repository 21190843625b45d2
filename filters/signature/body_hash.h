/* body_hash: the hash of a body in one canonical form (RFC 6376 §3.7), for all signatures of a message that use this form.
 *
 * It is computed once. Signatures with l= want the hash of the first so many bytes: it is taken in passing. */
#ifndef FILTERS_SIGNATURE_BODY_HASH_H
#define FILTERS_SIGNATURE_BODY_HASH_H

#include "filters/signature/body_canon.h"
#include "filters/signature/digest.h"

enum { BODY_CUTS_MAX = 16 };

struct body_hash;

/** Lives in the arena. NULL: the crypto library failed. */
struct body_hash *body_hash_new(struct arena *arena, bool relaxed);
/** The hash of the first `length` bytes is wanted; before the body comes. False: BODY_CUTS_MAX lengths are wanted already. */
bool body_hash_want(struct body_hash *body, uint64_t length);
void body_hash_add(struct body_hash *body, struct slice chunk);
void body_hash_finish(struct body_hash *body);

/* When it is finished: */
/** Bytes of the canonical form. */
uint64_t body_hash_length(const struct body_hash *body);
/** Of the whole body, in base64; "" if the crypto library failed. */
const char *body_hash_whole(const struct body_hash *body);
/** Of the first `length` bytes, which must have been wanted; "" if there are not so many. */
const char *body_hash_first(const struct body_hash *body, uint64_t length);

#endif
