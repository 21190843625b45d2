/* arena: see arena.h. The first request makes the first block; blocks double in size up to BLOCK_MAX. What is large beside the next block
 * gets one of its own, just large enough, while the block before goes on being filled: an idle session is to cost little. */
#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

enum { BLOCK_FIRST = 512, BLOCK_MAX = 64 * 1024, ALIGNMENT = 16 };

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
    struct block *blocks; /* the one that is being filled comes first; NULL: nothing was asked for yet */
    size_t next_size;
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
    a->next_size = BLOCK_FIRST;
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
    struct block *kept = NULL;
    run_cleanups(a);
    for (struct block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        if (b->size == BLOCK_FIRST && !kept)
            kept = b;
        else
            mem_free(b);
    }
    if (kept) {
        memset(kept->bytes, 0, kept->used);
        kept->used = 0;
        kept->next = NULL;
    }
    a->blocks = kept;
    a->next_size = kept ? 2 * BLOCK_FIRST : BLOCK_FIRST;
}

static struct block *add_own(struct arena *a, size_t n)
{
    struct block **behind = a->blocks ? &a->blocks->next : &a->blocks;
    return *behind = block_new(*behind, n);
}

static struct block *add_next(struct arena *a)
{
    a->blocks = block_new(a->blocks, a->next_size);
    a->next_size = a->next_size * 2 < BLOCK_MAX ? a->next_size * 2 : BLOCK_MAX;
    return a->blocks;
}

void *arena_alloc(struct arena *a, size_t n)
{
    n = (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct block *b = a->blocks;
    if (!b || b->size - b->used < n)
        b = n > a->next_size / 2 ? add_own(a, n) : add_next(a);
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
