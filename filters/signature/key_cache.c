/* key_cache: see key_cache.h. A hash table with chains, and a ring of all entries, the one used last in front. Who fills a chain with
 * keys of his choice makes others walk at most KEY_CACHE_MAX entries. */
#include "filters/signature/key_cache.h"

#include "base/mem.h"

#include <openssl/evp.h>

struct entry {
    char *bytes;
    size_t len;
    EVP_PKEY *key;
    struct entry *chain;         /* the next one with the same hash */
    struct entry *newer, *older; /* in the ring */
};

static struct entry ring = {.newer = &ring, .older = &ring};
static struct entry *chains[KEY_CACHE_MAX];
static size_t count;

static struct entry **chain_of(struct slice bytes)
{
    return &chains[slice_hash_nocase(bytes) % KEY_CACHE_MAX];
}

static void unlink_from_ring(struct entry *e)
{
    e->newer->older = e->older;
    e->older->newer = e->newer;
}

static void put_in_front(struct entry *e)
{
    e->older = ring.older;
    e->newer = &ring;
    ring.older->newer = e;
    ring.older = e;
}

static struct entry *find(struct slice bytes)
{
    struct entry *e = *chain_of(bytes);
    while (e && !(e->len == bytes.len && memcmp(e->bytes, bytes.ptr, bytes.len) == 0))
        e = e->chain;
    return e;
}

EVP_PKEY *key_cache_find(struct slice bytes)
{
    struct entry *e = find(bytes);
    if (!e || EVP_PKEY_up_ref(e->key) != 1)
        return NULL;
    unlink_from_ring(e);
    put_in_front(e);
    return e->key;
}

static void drop(struct entry *e)
{
    struct entry **link = chain_of(slice_make(e->bytes, e->len));
    while (*link != e)
        link = &(*link)->chain;
    *link = e->chain;
    unlink_from_ring(e);
    EVP_PKEY_free(e->key);
    mem_free(e->bytes);
    mem_free(e);
    count--;
}

void key_cache_add(struct slice bytes, EVP_PKEY *key)
{
    if (find(bytes) || EVP_PKEY_up_ref(key) != 1)
        return;
    if (count == KEY_CACHE_MAX)
        drop(ring.newer); /* behind the front comes the oldest */
    struct entry *e = mem_alloc(sizeof *e), **chain = chain_of(bytes);
    *e = (struct entry){.bytes = mem_alloc(bytes.len), .len = bytes.len, .key = key, .chain = *chain};
    memcpy(e->bytes, bytes.ptr, bytes.len);
    *chain = e;
    put_in_front(e);
    count++;
}
