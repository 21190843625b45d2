/* body_canon: a message body in canonical form (RFC 6376 §3.4.3, §3.4.4), made as the body streams by. Pure.
 *
 * Chunks may be cut anywhere. Nothing is kept but counts and one short buffer; long runs that need no change are handed on where
 * they stand. */
#ifndef FILTERS_SIGNATURE_BODY_CANON_H
#define FILTERS_SIGNATURE_BODY_CANON_H

#include "base/slice.h"

/** Takes the next piece of the canonical form. */
typedef void (*body_canon_sink_fn)(void *ctx, struct slice piece);

struct body_canon {
    bool relaxed;
    body_canon_sink_fn sink;
    void *ctx;
    /* private */
    uint64_t line_ends; /* since the last byte that was kept */
    bool blank;         /* white space since then, on this line */
    bool cr;            /* the last chunk ended in CR */
    bool any;           /* a byte was kept */
    size_t used;
    char out[4096];
};

void body_canon_init(struct body_canon *c, bool relaxed, body_canon_sink_fn sink, void *ctx);
void body_canon_add(struct body_canon *c, struct slice chunk);
void body_canon_finish(struct body_canon *c);

#endif
