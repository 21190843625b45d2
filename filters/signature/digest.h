/* digest: SHA-256 (the only hash of RFC 8301 §3.1) over what streams by. */
#ifndef FILTERS_SIGNATURE_DIGEST_H
#define FILTERS_SIGNATURE_DIGEST_H

#include "base/arena.h"

enum { SHA256_BYTES = 32, SHA256_BASE64 = 48 };

struct digest;

/** Lives in the arena. NULL: the crypto library failed. */
struct digest *digest_new(struct arena *arena);
/** Back to nothing. */
void digest_restart(struct digest *digest);
void digest_add(struct digest *digest, struct slice s);
/** Of all that was added so far; more may be added afterwards. False: the crypto library failed, now or before. */
bool digest_of(struct digest *digest, uint8_t out[SHA256_BYTES]);
/** What from[] has taken in, to begin with. */
void digest_continue(struct digest *digest, const struct digest *from);
/** text[] gets the digest in base64, NUL-terminated. */
void digest_to_base64(const uint8_t digest[SHA256_BYTES], char text[SHA256_BASE64]);

#endif
