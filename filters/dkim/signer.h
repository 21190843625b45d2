/* signer: makes DKIM signatures over one message (RFC 6376, RFC 8463), with as many keys as there are. Pure.
 *
 * What it signs: the author, what a reader sees, and how the body is to be read. Of the fields that a reader takes at their word one more
 * is named in h= than there are, so that nobody can add another one (RFC 6376 §8.15). Trace fields are never signed: they change on the
 * way. */
#ifndef FILTERS_DKIM_SIGNER_H
#define FILTERS_DKIM_SIGNER_H

#include "filters/dkim/signing_key.h"
#include "filters/mail.h"

struct signer_options {
    bool relaxed_header, relaxed_body;
    int64_t expire_s; /* x= stands so long behind t=; 0: no x= */
};

struct signer;

/** Lives in the arena. NULL: the crypto library has no memory. */
struct signer *signer_new(const struct signer_options *options, struct arena *arena);
/** Each field as it will be sent, in order; what is to be signed of it is copied. */
void signer_add_field(struct signer *s, const struct mail_header *field);
/** Without stuffed dots, with CRLF line ends. */
void signer_add_body(struct signer *s, struct slice bytes);
/** Once the message is complete. False: the crypto library failed. */
bool signer_end(struct signer *s);
/** After signer_end: appends the field "DKIM-Signature: ...", folded, with its final CRLF. unix_s: the time of signing. False: the crypto
 *  library failed; nothing is appended. */
bool signer_sign(struct signer *s, const struct signing_key *key, int64_t unix_s, struct buf *out);

#endif
