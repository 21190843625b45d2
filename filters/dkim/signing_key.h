/* signing_key: a private key that signs for a domain (RFC 6376, RFC 8463), read and judged. No I/O. */
#ifndef FILTERS_DKIM_SIGNING_KEY_H
#define FILTERS_DKIM_SIGNING_KEY_H

#include "base/arena.h"
#include "base/buf.h"
#include "filters/signature/public_key.h"

enum signing_algorithm {
    SIGNING_AUTO, /* what the key is for */
    SIGNING_RSA_SHA256,
    SIGNING_ED25519_SHA256,
};

enum { SIGNING_KEY_BITS_MIN = 1024, SIGNING_KEY_BITS_ADVISED = 2048, SIGNING_KEY_BITS_MAX = 8192 };

struct signing_key {
    struct slice domain; /* d=, normalised */
    struct slice selector;
    enum signing_algorithm algorithm; /* never AUTO */
    unsigned bits;                    /* of an RSA key; else 0 */
    struct evp_pkey_st *pkey;         /* freed, and wiped, with the arena */
};

/** file: PEM or DER, without a password. domain and selector are the caller's to fill in. NULL: *why says what is wrong, a static text. In
 *  arena. */
struct signing_key *signing_key_read(struct slice file, enum signing_algorithm wanted, struct arena *arena, const char **why);
/** "rsa-sha256" */
const char *signing_algorithm_name(enum signing_algorithm algorithm);
/** Appends the signature over the digest, raw: RSASSA-PKCS1-v1_5 (RFC 6376 §3.3) or PureEdDSA (RFC 8463 §3). */
bool signing_key_sign(const struct signing_key *key, const uint8_t digest[SHA256_BYTES], struct buf *out);

#endif
