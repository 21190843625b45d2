/* buf: a growable run of bytes that owns its memory. Always NUL-terminated past its end once non-empty. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/slice.h"

struct buf {
    char *ptr;
    size_t len, cap;
};

/** Frees the memory; the buffer is empty and usable afterwards. */
void buf_release(struct buf *b);
/** The same, and nothing of what it held stays in memory. What it was moved from when it grew is another matter: reserve first. */
void buf_wipe(struct buf *b);
/** Empties it, keeps the memory. */
void buf_clear(struct buf *b);
void buf_add(struct buf *b, struct slice s);
void buf_add_text(struct buf *b, const char *text);
void buf_add_byte(struct buf *b, char c);
void buf_add_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Room for n more bytes at the end; write there, then add to len. */
char *buf_reserve(struct buf *b, size_t n);
/** A view that is valid until the next change. */
static inline struct slice buf_slice(const struct buf *b)
{
    return slice_make(b->ptr ? b->ptr : "", b->len);
}

#endif
