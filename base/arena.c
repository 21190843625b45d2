/* arena: see arena.h. Blocks double in size up to BLOCK_MAX; a large request gets a block of its own. */
#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

enum { BLOCK_FIRST = 1024, BLOCK_MAX = 64 * 1024, ALIGNMENT = 16 };

struct block {
    struct block *next;
    size_t size; /* usable bytes after the header */
    size_t used;
    _Alignas(ALIGNMENT) char bytes[];
};

struct cleanup {
    struct cleanup *next;
    void (*fn)(void *);
    void *data;
};

struct arena {
    struct block *blocks; /* newest first; the oldest is kept by arena_clear */
    struct cleanup *cleanups;
};

static struct block *block_new(struct block *next, size_t size)
{
    struct block *b = mem_alloc(sizeof *b + size);
    b->next = next;
    b->size = size;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = mem_alloc(sizeof *a);
    a->blocks = block_new(NULL, BLOCK_FIRST);
    return a;
}

static void run_cleanups(struct arena *a)
{
    while (a->cleanups) {
        struct cleanup *c = a->cleanups;
        a->cleanups = c->next;
        c->fn(c->data);
    }
}

void arena_free(struct arena **a)
{
    if (!*a)
        return;
    run_cleanups(*a);
    for (struct block *b = (*a)->blocks, *next; b; b = next) {
        next = b->next;
        mem_free(b);
    }
    mem_free(*a);
    *a = NULL;
}

void arena_clear(struct arena *a)
{
    run_cleanups(a);
    while (a->blocks->next) {
        struct block *b = a->blocks;
        a->blocks = b->next;
        mem_free(b);
    }
    memset(a->blocks->bytes, 0, a->blocks->used);
    a->blocks->used = 0;
}

void *arena_alloc(struct arena *a, size_t n)
{
    n = (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct block *b = a->blocks;
    if (b->size - b->used < n) {
        size_t size = b->size * 2 < BLOCK_MAX ? b->size * 2 : BLOCK_MAX;
        a->blocks = b = block_new(b, n > size ? n : size);
    }
    void *p = b->bytes + b->used;
    b->used += n;
    return p;
}

void arena_add_cleanup(struct arena *a, void (*fn)(void *), void *data)
{
    struct cleanup *c = arena_alloc(a, sizeof *c);
    c->next = a->cleanups;
    c->fn = fn;
    c->data = data;
    a->cleanups = c;
}

char *arena_string(struct arena *a, struct slice s)
{
    char *copy = arena_alloc(a, s.len + 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
    return slice_make(arena_string(a, s), s.len);
}

struct slice arena_lower(struct arena *a, struct slice s)
{
    char *copy = arena_string(a, s);
    for (size_t i = 0; i < s.len; i++)
        copy[i] = ascii_lower(copy[i]);
    return slice_make(copy, s.len);
}

char *arena_format(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t size = n < 0 ? 1 : (size_t)n + 1;
    char *text = arena_alloc(a, size);
    if (n > 0)
        vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}
