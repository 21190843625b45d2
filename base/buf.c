/* buf: see buf.h. */
#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

void buf_release(struct buf *b)
{
    mem_free(b->ptr);
    *b = (struct buf){0};
}

void buf_wipe(struct buf *b)
{
    if (b->ptr)
        explicit_bzero(b->ptr, b->cap);
    buf_release(b);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->ptr)
        b->ptr[0] = '\0';
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->cap - b->len < n + 1) {
        size_t cap = b->cap ? b->cap * 2 : 64;
        while (cap - b->len < n + 1)
            cap *= 2;
        b->ptr = mem_resize(b->ptr, cap);
        b->cap = cap;
    }
    return b->ptr + b->len;
}

void buf_add(struct buf *b, struct slice s)
{
    char *end = buf_reserve(b, s.len);
    if (s.len)
        memcpy(end, s.ptr, s.len);
    b->len += s.len;
    b->ptr[b->len] = '\0';
}

void buf_add_text(struct buf *b, const char *text)
{
    buf_add(b, slice_of(text));
}

void buf_add_byte(struct buf *b, char c)
{
    buf_add(b, slice_make(&c, 1));
}

void buf_add_format(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n > 0) {
        vsnprintf(buf_reserve(b, (size_t)n), (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
}
