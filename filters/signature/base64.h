/* base64: of keys and signatures (RFC 4648 §4). Pure. */
#ifndef FILTERS_SIGNATURE_BASE64_H
#define FILTERS_SIGNATURE_BASE64_H

#include "base/arena.h"

enum { BASE64_MAX = 4096 }; /* no key and no signature of a sensible size is longer */

/** Whether there is nothing but letters of base64, "=" at the end only, and white space anywhere. */
bool base64_is_plausible(struct slice text);
/** The one right spelling of a plausible text: without white space, padded, and without bits that decoding drops. */
struct slice base64_normalise(struct slice text, struct arena *arena);
/** out[] takes BASE64_MAX bytes. False: it is empty, too long, or not the one right spelling of what it says. */
bool base64_decode(struct slice text, unsigned char *out, size_t *len);

#endif
