/* key_cache: public keys as OpenSSL has read them, kept for the life of a worker: reading one takes longer than a verification.
 *
 * A key is found by its own bytes, never by the name that it was published under: what is in DNS now is always what counts. */
#ifndef FILTERS_SIGNATURE_KEY_CACHE_H
#define FILTERS_SIGNATURE_KEY_CACHE_H

#include "base/slice.h"

enum { KEY_CACHE_MAX = 1024 }; /* keys; the one that was not asked for longest makes room */

struct evp_pkey_st;

/** One more reference to the key, which the caller frees; NULL: it is not there. */
struct evp_pkey_st *key_cache_find(struct slice bytes);
/** Takes a reference of its own. bytes are copied. */
void key_cache_add(struct slice bytes, struct evp_pkey_st *key);

#endif
