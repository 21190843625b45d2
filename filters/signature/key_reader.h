/* key_reader: from p= of a key record to OpenSSL's key: SubjectPublicKeyInfo for RSA (RFC 6376 §3.6.1 as it is used), the bare 32 bytes
 * for Ed25519 (RFC 8463 §4). */
#ifndef FILTERS_SIGNATURE_KEY_READER_H
#define FILTERS_SIGNATURE_KEY_READER_H

#include "base/arena.h"
#include "filters/signature/key_record.h"

struct evp_pkey_st;

/** Whether the key may be read: NULL, or a static text: malformed, or numbers so long that verification would cost too much. Takes a
 *  microsecond: OpenSSL's reading of a key takes as long as several verifications. base64: p= without white space; its padding may be
 *  missing. */
const char *key_reader_judge(struct slice base64, enum key_type type, struct arena *arena);
/** The key, which the caller frees, of a text that was not found wanting; NULL: it is malformed. */
struct evp_pkey_st *key_reader_read(struct slice base64, enum key_type type, struct arena *arena);

#endif
