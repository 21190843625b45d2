/* body_count: how long a body is in canonical form (RFC 6376 §3.4.3, §3.4.4), counted as it streams by. Pure.
 *
 * Needed to tell whether a signature with l= covers the whole body or something was appended behind it. */
#ifndef FILTERS_DKIM_BODY_COUNT_H
#define FILTERS_DKIM_BODY_COUNT_H

#include "base/slice.h"

struct body_count {
    uint64_t simple, relaxed; /* up to the last byte that is no line end */
    uint64_t line_ends;       /* bytes of CR and LF since */
    uint64_t relaxed_ends;
    bool blank; /* white space since the last other byte of this line */
};

void body_count_add(struct body_count *count, struct slice chunk);
uint64_t body_count_simple(const struct body_count *count);
uint64_t body_count_relaxed(const struct body_count *count);

#endif
