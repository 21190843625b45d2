/* distinct: see distinct.h. */
#include "proxy/logbook/distinct.h"

#include "base/mem.h"

enum { ROOM_FIRST = 16 };

/* Whether it was not there yet. */
static bool insert(uint64_t *hashes, size_t room, uint64_t hash)
{
    size_t at = (size_t)hash & (room - 1);
    while (hashes[at] && hashes[at] != hash)
        at = (at + 1) & (room - 1);
    bool fresh = hashes[at] == 0;
    hashes[at] = hash;
    return fresh;
}

static bool is_known(const struct distinct *d, uint64_t hash)
{
    size_t at = (size_t)hash & (d->room - 1);
    while (d->hashes[at] && d->hashes[at] != hash)
        at = (at + 1) & (d->room - 1);
    return d->hashes[at] != 0;
}

/* Never more than half full. */
static void grow(struct distinct *d)
{
    size_t room = d->room ? d->room * 2 : ROOM_FIRST;
    uint64_t *hashes = mem_alloc(room * sizeof *hashes);
    for (size_t i = 0; i < d->room; i++)
        if (d->hashes[i])
            insert(hashes, room, d->hashes[i]);
    mem_free(d->hashes);
    d->hashes = hashes;
    d->room = room;
}

void distinct_add(struct distinct *d, struct slice text)
{
    uint64_t hash = slice_hash_nocase(text);
    hash += hash == 0;
    if (d->count == DISTINCT_MAX) {
        d->more |= !is_known(d, hash);
        return;
    }
    if (d->count * 2 >= d->room)
        grow(d);
    d->count += insert(d->hashes, d->room, hash);
}

void distinct_release(struct distinct *d)
{
    mem_free(d->hashes);
    *d = (struct distinct){0};
}
