/* text_set: see text_set.h. Open addressing, linear probing, at most half full. */
#include "filters/lists/text_set.h"

#include "base/mem.h"
#include "filters/lists/pattern.h"

enum { SLOTS_FIRST = 64 };

struct slot {
    const char *ptr; /* NULL: free */
    uint32_t len;
    uint32_t tag; /* the hash's upper half, the lowest two bits replaced by what the key covers */
};

struct text_set {
    struct slot *slots;
    size_t mask, count;
    bool any_below;
};

static void set_release(void *data)
{
    struct text_set *set = data;
    mem_free(set->slots);
}

struct text_set *text_set_new(struct arena *arena)
{
    struct text_set *set = arena_alloc(arena, sizeof *set);
    set->slots = mem_alloc(SLOTS_FIRST * sizeof *set->slots);
    set->mask = SLOTS_FIRST - 1;
    arena_add_cleanup(arena, set_release, set);
    return set;
}

static const uint64_t hash_start = UINT64_C(0xcbf29ce484222325);

static uint64_t hash_step(uint64_t hash, char c)
{
    return (hash ^ (unsigned char)ascii_lower(c)) * UINT64_C(0x100000001b3);
}

static uint64_t hash_mix(uint64_t hash)
{
    return (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
}

static uint32_t tag_of(uint64_t mixed)
{
    return (uint32_t)(mixed >> 32) & ~UINT32_C(3);
}

/** The slot of this key, or the free one where it would go. */
static struct slot *find(const struct text_set *set, struct slice key, uint64_t hash)
{
    uint64_t mixed = hash_mix(hash);
    uint32_t tag = tag_of(mixed);
    for (size_t i = (size_t)(mixed & set->mask);; i = (i + 1) & set->mask) {
        struct slot *s = &set->slots[i];
        if (!s->ptr || ((s->tag & ~UINT32_C(3)) == tag && slice_eq_nocase(slice_make(s->ptr, s->len), key)))
            return s;
    }
}

static uint64_t hash_whole(struct slice key)
{
    uint64_t hash = hash_start;
    for (size_t i = key.len; i > 0; i--)
        hash = hash_step(hash, key.ptr[i - 1]);
    return hash;
}

static void grow(struct text_set *set)
{
    struct text_set larger = {.mask = set->mask * 2 + 1};
    larger.slots = mem_alloc((larger.mask + 1) * sizeof *larger.slots);
    for (size_t i = 0; i <= set->mask; i++) {
        struct slot old = set->slots[i];
        if (old.ptr)
            *find(&larger, slice_make(old.ptr, old.len), hash_whole(slice_make(old.ptr, old.len))) = old;
    }
    mem_free(set->slots);
    set->slots = larger.slots;
    set->mask = larger.mask;
}

void text_set_add(struct text_set *set, struct slice key, unsigned covers)
{
    if ((set->count + 1) * 2 > set->mask)
        grow(set);
    uint64_t hash = hash_whole(key);
    struct slot *s = find(set, key, hash);
    if (!s->ptr) {
        *s = (struct slot){key.ptr, (uint32_t)key.len, tag_of(hash_mix(hash))};
        set->count++;
    }
    s->tag |= covers & 3u;
    set->any_below |= (covers & PATTERN_BELOW) != 0;
}

static bool covers(const struct text_set *set, struct slice key, uint64_t hash, unsigned how)
{
    const struct slot *s = find(set, key, hash);
    return s->ptr && (s->tag & how);
}

bool text_set_holds(const struct text_set *set, struct slice text)
{
    uint64_t hash = hash_start;
    for (size_t i = text.len; i > 0; i--) {
        if (set->any_below && text.ptr[i - 1] == '.' && i > 1 && covers(set, slice_skip(text, i), hash, PATTERN_BELOW))
            return true;
        hash = hash_step(hash, text.ptr[i - 1]);
    }
    return covers(set, text, hash, PATTERN_SELF);
}
