/* public_key: a DKIM public key as OpenSSL wants it, and the one question to it: is this the signature of that digest? Pure but for the
 * cache of keys (key_cache.h). */
#ifndef FILTERS_SIGNATURE_PUBLIC_KEY_H
#define FILTERS_SIGNATURE_PUBLIC_KEY_H

#include "base/arena.h"
#include "filters/signature/digest.h"
#include "filters/signature/key_record.h"

struct public_key;

/** base64: p= without white space; its padding may be missing. Lives in the arena. NULL and a static text in *why: no key, or one that does
 * not count. min_bits: for RSA. */
struct public_key *public_key_read(const char *base64, enum key_type type, int64_t min_bits, struct arena *arena, const char **why);
/** Of an RSA key. */
int64_t public_key_bits(const struct public_key *key);
/** For a library that reads the key itself and does not ask what it costs: whether public_key_read would find the numbers in it too
 *  long, or none; NULL if it may have it. */
const char *public_key_judge_cost(const char *base64, enum key_type type, struct arena *arena);
/** Whether signature (base64 without white space) is one over the digest: RSASSA-PKCS1-v1_5 (RFC 6376 §3.3.2) or PureEdDSA
 *  (RFC 8463 §3). Base64 that is not written in the one right way is none. */
bool public_key_verify(const struct public_key *key, const uint8_t digest[SHA256_BYTES], struct slice signature);

#endif
