/* header_hash: what the signatures of DKIM (RFC 6376 §3.7) and ARC (RFC 8617 §5.1.1) are over. */
#ifndef FILTERS_SIGNATURE_HEADER_HASH_H
#define FILTERS_SIGNATURE_HEADER_HASH_H

#include "filters/signature/digest.h"
#include "filters/signature/header_fields.h"

enum { HEADER_HASH_NAMES_MAX = 256 }; /* in one h=: real ones have 10 to 60 */

/** A signature field of the message, as far as it matters here. */
struct header_signature {
    size_t field;   /* its index */
    struct slice h; /* the names of the fields it covers */
    struct slice b; /* a view into the field: what is left out of it */
    bool relaxed;   /* the canonical form */
};

/** The field and a CRLF. */
void header_hash_add(struct digest *digest, struct header_fields *fields, size_t index, bool relaxed);
/** The signature's own field without b=, and without CRLF. */
void header_hash_add_own(struct digest *digest, struct header_fields *fields, const struct header_signature *signature);
/** All that a signature with h= is over: for each name the last field that is not taken by an earlier one, never the signature's own
 *  (a name without field adds nothing), and then itself. False: h= names more than HEADER_HASH_NAMES_MAX. */
bool header_hash_add_signed(struct digest *digest, struct header_fields *fields, const struct header_signature *signature);

#endif
