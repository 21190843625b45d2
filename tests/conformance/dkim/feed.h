/* feed: a whole message into the DKIM verifier, as the proxy feeds it while it streams by: for the tests that compare, fuzz and
 * measure. Line ends are CRLF; what has no colon is left out. */
#ifndef TESTS_CONFORMANCE_DKIM_FEED_H
#define TESTS_CONFORMANCE_DKIM_FEED_H

#include "filters/dkim/verifier.h"

/** Takes the next header field, folding included, without its final CRLF. False: the header section is over, and *rest the body. */
static inline bool feed_next_field(struct slice *rest, struct slice *raw)
{
    size_t end = 0;
    if (rest->len == 0 || slice_starts(*rest, SLICE("\r\n"))) {
        *rest = slice_skip(*rest, 2);
        return false;
    }
    for (;; end++) {
        const char *lf = memchr(rest->ptr + end, '\n', rest->len - end);
        end = lf ? (size_t)(lf - rest->ptr) : rest->len;
        if (end + 1 >= rest->len || (rest->ptr[end + 1] != ' ' && rest->ptr[end + 1] != '\t'))
            break;
    }
    *raw = slice_first(*rest, end);
    if (raw->len && raw->ptr[raw->len - 1] == '\r')
        raw->len--;
    *rest = slice_skip(*rest, end + 1);
    return true;
}

static inline void feed_field(struct verifier *v, struct slice raw)
{
    struct mail_header header = {.raw = raw};
    ptrdiff_t colon = slice_index(raw, ':');
    if (colon < 1)
        return;
    header.name = slice_trim(slice_first(raw, (size_t)colon));
    header.value = slice_skip(raw, (size_t)colon + 1);
    verifier_add_header(v, &header);
}

/** Feeds the header fields; returns the body. */
static inline struct slice feed_headers(struct verifier *v, struct slice message)
{
    struct slice raw;
    while (feed_next_field(&message, &raw))
        feed_field(v, raw);
    return message;
}

static inline void feed_body(struct verifier *v, struct slice body, size_t piece)
{
    for (; body.len; body = slice_skip(body, piece))
        verifier_add_body(v, slice_first(body, piece));
}

#endif
