/* field_canon: header fields in canonical form (RFC 6376 §3.4.1, §3.4.2). Pure. */
#ifndef FILTERS_SIGNATURE_FIELD_CANON_H
#define FILTERS_SIGNATURE_FIELD_CANON_H

#include "base/arena.h"

/** "name:value" in relaxed form, without the final CRLF. */
struct slice field_canon_relaxed(struct slice name, struct slice value, struct arena *arena);
/** text without the part that is a view into it, such as the value of b= (RFC 6376 §3.7). */
struct slice field_canon_without(struct slice text, struct slice part, struct arena *arena);

#endif
