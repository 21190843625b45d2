/* stats_layout: how a statistics page lies in memory and in its file; private to stats_page.c and stats_view.c.
 *
 *   head · names: kind byte, text, NUL, one after the other · carried counters · slots: head, counters · note
 *
 * Each part begins at a multiple of STATS_ALIGN, so that two writers never share a cache line. */
#ifndef BASE_STATS_LAYOUT_H
#define BASE_STATS_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum { STATS_ALIGN = 64, STATS_NAMES_MAX = 16 << 20, STATS_COUNT_MAX = 1 << 18, STATS_SLOTS_MAX = 1024, STATS_NOTE_MAX = 32 << 10 };

#define STATS_MAGIC "mailweir stats 2"

struct stats_head {
    char magic[16];
    uint32_t count, slots, names_size;
    int32_t owner;
    int64_t since_ms, published_ms;
};

struct stats_slot_head {
    int32_t pid;
    uint32_t unused;
    int64_t started_ms;
};

/* Numbers of the latest change. The writer sets `after` first and `before` last, a reader comes by in the other order: where both are equal
 * the text between them is whole. */
struct stats_note {
    uint32_t before, length;
    char text[STATS_NOTE_MAX];
    uint32_t after;
};

static inline size_t stats_aligned(size_t n)
{
    return (n + STATS_ALIGN - 1) / STATS_ALIGN * STATS_ALIGN;
}

static inline size_t stats_carried_at(const struct stats_head *h)
{
    return stats_aligned(sizeof *h) + stats_aligned(h->names_size);
}

static inline size_t stats_counters_size(const struct stats_head *h)
{
    return stats_aligned(h->count * sizeof(uint64_t));
}

static inline size_t stats_slot_at(const struct stats_head *h, size_t slot)
{
    return stats_carried_at(h) + stats_counters_size(h) + slot * (STATS_ALIGN + stats_counters_size(h));
}

static inline size_t stats_note_at(const struct stats_head *h)
{
    return stats_slot_at(h, h->slots);
}

static inline size_t stats_size(const struct stats_head *h)
{
    return stats_note_at(h) + stats_aligned(sizeof(struct stats_note));
}

#endif
