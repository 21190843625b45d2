/* smtp_chunk: the bytes of BDAT (RFC 3030) on their way into the form of DATA: a dot goes in front of each line that begins with one. Pure.
 *
 * So a message has one form inside, whatever way it came, and smtp_data.h alone decides what its bytes mean: nothing that stands in a
 * chunk can end the data. */
#ifndef PROXY_SMTP_CHUNK_H
#define PROXY_SMTP_CHUNK_H

#include "base/slice.h"

struct smtp_chunk {
    bool in_line; /* the bytes so far do not end with CRLF */
    bool cr;      /* they end with CR */
};

/** Cuts a run off *rest that goes on as it is, behind a dot if *dot. Call until *rest is empty. Any split gives the same. */
struct slice smtp_chunk_next(struct smtp_chunk *c, struct slice *rest, bool *dot);
/** What ends the data behind the last chunk: ".CRLF", and CRLF before it if the last line has none of its own. */
struct slice smtp_chunk_end(const struct smtp_chunk *c);

#endif
