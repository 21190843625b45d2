/* crowd: see crowd.h. */
#include "proxy/front/crowd.h"

#include "base/mem.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

enum { PLACES = 8, ROWS_LEAST = 64 };

struct entry {
    uint64_t word[3]; /* the key; word[2] is 0: empty */
    uint64_t sessions;
    int64_t stamp_us;
};

struct row {
    struct entry places[PLACES];
};

struct crowd {
    size_t workers, rows; /* rows of one worker: a power of two */
    uint64_t secret[2];
    struct row *memory;
};

/* A session has an address and a network: with a row for each session, two of eight places are taken on average, and a full row is next
 * to impossible. */
static size_t count_rows(size_t sessions)
{
    size_t rows = ROWS_LEAST;
    while (rows < sessions)
        rows *= 2;
    return rows;
}

struct crowd *crowd_new(size_t workers, size_t sessions)
{
    struct crowd *c = mem_alloc(sizeof *c);
    c->workers = workers;
    c->rows = count_rows(sessions);
    if (getrandom(c->secret, sizeof c->secret, 0) != (ssize_t)sizeof c->secret)
        abort();
    c->memory = mmap(NULL, c->workers * crowd_table_size(c), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (c->memory == MAP_FAILED)
        abort();
    return c;
}

void crowd_free(struct crowd **crowd)
{
    struct crowd *c = *crowd;
    if (!c)
        return;
    *crowd = NULL;
    munmap(c->memory, c->workers * crowd_table_size(c));
    mem_free(c);
}

size_t crowd_table_size(const struct crowd *crowd)
{
    return crowd->rows * sizeof(struct row);
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static struct row *find_row(const struct crowd *c, size_t worker, const struct crowd_key *key)
{
    uint64_t h = c->secret[0];
    for (size_t i = 0; i < 3; i++)
        h = mix((h ^ key->word[i]) + c->secret[1]);
    return &c->memory[worker * c->rows + (h & (c->rows - 1))];
}

static bool holds(const struct entry *e, const struct crowd_key *key)
{
    bool same = true;
    for (size_t i = 0; i < 3; i++)
        same = same && __atomic_load_n(&e->word[i], __ATOMIC_RELAXED) == key->word[i];
    return same;
}

static struct entry *find(const struct crowd *c, size_t worker, const struct crowd_key *key)
{
    struct row *row = find_row(c, worker, key);
    for (size_t i = 0; i < PLACES; i++)
        if (holds(&row->places[i], key))
            return &row->places[i];
    return NULL;
}

static void set_sessions(struct entry *e, uint64_t n)
{
    __atomic_store_n(&e->sessions, n, __ATOMIC_RELAXED);
}

static void set_stamp(struct entry *e, int64_t us)
{
    __atomic_store_n(&e->stamp_us, us, __ATOMIC_RELAXED);
}

/* The key's last word goes first and comes last: no other worker takes half a key for a whole one. */
static void set_key(struct entry *e, const struct crowd_key *key)
{
    __atomic_store_n(&e->word[2], 0, __ATOMIC_RELEASE);
    set_sessions(e, 0);
    set_stamp(e, 0);
    for (size_t i = 0; i < 3; i++)
        __atomic_store_n(&e->word[i], key->word[i], __ATOMIC_RELEASE);
}

/* An empty place, or that of the entry which says least. NULL: all have sessions. */
static struct entry *make_place(struct row *row)
{
    struct entry *best = NULL;
    for (size_t i = 0; i < PLACES; i++) {
        struct entry *e = &row->places[i];
        if (e->word[2] == 0)
            return e;
        if (e->sessions == 0 && (!best || e->stamp_us < best->stamp_us))
            best = e;
    }
    return best;
}

void crowd_clear(struct crowd *crowd, size_t worker)
{
    struct row *table = &crowd->memory[worker * crowd->rows];
    for (size_t i = 0; i < crowd->rows; i++)
        for (size_t n = 0; n < PLACES; n++)
            if (table[i].places[n].sessions)
                set_sessions(&table[i].places[n], 0);
}

struct crowd_key crowd_key_make(size_t listener, enum crowd_kind kind, const struct net_addr *address, unsigned bits)
{
    struct crowd_key key = {{0}};
    struct net_addr part = *address;
    net_addr_mask(&part, bits);
    if (kind != CROWD_ALL)
        memcpy(key.word, part.bytes, sizeof part.bytes);
    uint64_t family = kind == CROWD_ALL ? 0 : net_addr_bits(address);
    key.word[2] = UINT64_C(1) << 63 | (uint64_t)listener << 16 | (uint64_t)kind << 8 | family;
    return key;
}

struct crowd_count crowd_look(const struct crowd *crowd, const struct crowd_key *key)
{
    struct crowd_count count = {0, 0};
    for (size_t worker = 0; worker < crowd->workers; worker++) {
        const struct entry *e = find(crowd, worker, key);
        int64_t stamp = e ? __atomic_load_n(&e->stamp_us, __ATOMIC_RELAXED) : 0;
        count.sessions += e ? __atomic_load_n(&e->sessions, __ATOMIC_RELAXED) : 0;
        count.stamp_us = stamp > count.stamp_us ? stamp : count.stamp_us;
    }
    return count;
}

bool crowd_enter(struct crowd *crowd, size_t worker, const struct crowd_key *key, int64_t stamp_us)
{
    struct entry *e = find(crowd, worker, key);
    if (!e) {
        e = make_place(find_row(crowd, worker, key));
        if (!e)
            return false;
        set_key(e, key);
    }
    set_sessions(e, e->sessions + 1);
    if (stamp_us > e->stamp_us)
        set_stamp(e, stamp_us);
    return true;
}

void crowd_leave(struct crowd *crowd, size_t worker, const struct crowd_key *key)
{
    struct entry *e = find(crowd, worker, key);
    if (e && e->sessions)
        set_sessions(e, e->sessions - 1);
}
