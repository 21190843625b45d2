/* signer: makes a DKIM signature over one message with libopendkim (RFC 6376, RFC 8463).
 *
 * What it signs: the author, what a reader sees, and how the body is to be read. Of the fields that a reader takes at their word one more
 * is named in h= than there are, so that nobody can add another one (RFC 6376 §8.15). Trace fields are never signed: they change on the
 * way. */
#ifndef FILTERS_DKIM_SIGNER_H
#define FILTERS_DKIM_SIGNER_H

#include "base/buf.h"
#include "filters/dkim/signing_key.h"

struct signer_options {
    bool relaxed_header, relaxed_body;
    int64_t expire_s; /* x= stands so long behind t=; 0: no x= */
};

struct signer_library;

/** One for a configuration; inherited over fork. NULL: the library failed. */
struct signer_library *signer_library_new(const struct signer_options *options);
void signer_library_free(struct signer_library **library);

struct signer;

/** Lives in the arena, and releases the library's handle with it. NULL: the library failed. Order: fields, end of header, body, finish.
 * Once one of them has said false, it is over. */
struct signer *signer_new(struct signer_library *library, const struct signing_key *key, struct arena *arena);
/** raw: a field as it will be sent, folding included, without its final CRLF. */
bool signer_add_field(struct signer *s, struct slice raw);
bool signer_end_header(struct signer *s);
/** Without stuffed dots, with CRLF line ends. */
bool signer_add_body(struct signer *s, struct slice bytes);
/** Appends the field "DKIM-Signature: ...", folded, with its final CRLF. */
bool signer_finish(struct signer *s, struct buf *out);

#endif
