/* kv: see kv.h.
 *
 * Each value is preceded by its expiry. One update is one write transaction; nothing is synced to disk, the kernel writes back when
 * it likes: a killed process loses nothing, a power failure may lose the store, which then starts empty. A tenth of the map is
 * kept free, because LMDB needs pages even to delete. */
#include "base/kv.h"

#include "base/kv_file.h"
#include "base/log.h"
#include "base/mem.h"

#include <openssl/sha.h>

enum {
    HEADER = 8,
    SWEEP_WHEN_FULL = 4096,  /* entries removed at once when the store is full */
    FULL_PAUSE_MS = 1000,    /* before a full store is swept again */
    REOPEN_PAUSE_MS = 5000,  /* before an unusable store is tried again */
    VISITS_PER_REMOVAL = 16, /* entries a sweep looks at for each one it may remove */
    USABLE_PERCENT = 90,     /* of the map */
};

struct kv {
    struct kv_file file;
    size_t page_size, pages_max;
    int64_t swept_full_ms, reopened_ms, complained_ms;
    uint64_t committed;         /* our last transaction; 0: none, or another store's */
    char sweep_key[KV_KEY_MAX]; /* where the last sweep stopped; the next one starts there */
    size_t sweep_key_len;
};

/** A key that a transaction has changed, for the note. */
struct changed {
    char key[KV_KEY_MAX];
    size_t len;
    bool any;
};

/* What kv_update_all is doing. */
struct update {
    struct kv *kv;
    const struct kv_change *changes;
    size_t count;
    int64_t now_ms;
};

static void learn_size(struct kv *kv)
{
    MDB_stat st;
    if (mdb_env_stat(kv->file.env, &st) != 0 || st.ms_psize == 0)
        return;
    size_t bytes = kv->file.map_bytes < 1024 * 1024 ? 1024 * 1024 : kv->file.map_bytes;
    kv->page_size = st.ms_psize;
    kv->pages_max = bytes / 100 * USABLE_PERCENT / kv->page_size;
}

struct kv *kv_open(const char *directory, size_t map_bytes, const char **error)
{
    struct kv *kv = mem_alloc(sizeof *kv);
    if (!kv_file_open(&kv->file, directory, map_bytes, error)) {
        mem_free(kv);
        return NULL;
    }
    learn_size(kv);
    return kv;
}

void kv_close(struct kv **kv)
{
    if (!*kv)
        return;
    kv_file_close(&(*kv)->file);
    mem_free(*kv);
    *kv = NULL;
}

/** Not more than one line a second, whatever happens. */
static void complain(struct kv *kv, int64_t now_ms, const char *what, int rc)
{
    if (now_ms >= kv->complained_ms && now_ms < kv->complained_ms + 1000)
        return;
    kv->complained_ms = now_ms;
    log_event(LOG_LEVEL_ERROR, "state.error", "doing", what, "error", mdb_strerror(rc), NULL);
}

static int begin(struct kv *kv, unsigned flags, MDB_txn **txn)
{
    int rc = mdb_txn_begin(kv->file.env, NULL, flags, txn);
    if (rc == MDB_MAP_RESIZED && (rc = mdb_env_set_mapsize(kv->file.env, 0)) == 0)
        rc = mdb_txn_begin(kv->file.env, NULL, flags, txn);
    return rc;
}

/** Whether the transaction before this one came out whole (kv_note.h). One of our own did: we are alive. */
static bool is_whole(struct kv *kv, MDB_txn *txn)
{
    struct slice name;
    MDB_val key, stored = {0};
    uint64_t last = mdb_txn_id(txn) - 1;
    if (last == kv->committed || !kv_note_applies(kv->file.note, kv->file.inode, last, &name))
        return true;
    key = (MDB_val){.mv_size = name.len, .mv_data = (void *)(uintptr_t)name.ptr};
    int rc = mdb_get(txn, kv->file.dbi, &key, &stored);
    return (rc == 0 || rc == MDB_NOTFOUND) &&
           kv_note_agrees(kv->file.note, rc == 0 ? slice_make(stored.mv_data, stored.mv_size) : SLICE(""));
}

static int begin_write(struct kv *kv, MDB_txn **txn)
{
    int rc = begin(kv, 0, txn);
    if (rc != 0 || is_whole(kv, *txn))
        return rc;
    mdb_txn_abort(*txn);
    log_event(LOG_LEVEL_ERROR, "state.torn", "directory", kv->file.directory, "reason", "a process was killed inside a commit", NULL);
    return MDB_CORRUPTED;
}

static void remember(struct changed *c, const MDB_val *key)
{
    c->any = true;
    c->len = key->mv_size < KV_KEY_MAX ? key->mv_size : KV_KEY_MAX;
    memcpy(c->key, key->mv_data, c->len);
}

static int commit(struct kv *kv, MDB_txn *txn, struct changed *changed)
{
    MDB_val name = {.mv_size = changed->len, .mv_data = changed->key}, stored = {.mv_data = changed->key};
    uint64_t number = mdb_txn_id(txn);
    if (mdb_get(txn, kv->file.dbi, &name, &stored) != 0)
        stored.mv_size = 0;
    kv_note_write(kv->file.note, kv->file.inode, number, slice_make(changed->key, changed->len),
                  slice_make(stored.mv_data, stored.mv_size));
    int rc = mdb_txn_commit(txn);
    kv->committed = rc == 0 ? number : 0;
    return rc;
}

/** Splits a stored value. False: expired, or not ours. */
static bool read_value(const MDB_val *stored, int64_t now_ms, struct slice *value, int64_t *expires_ms)
{
    if (stored->mv_size < HEADER || stored->mv_size > HEADER + KV_VALUE_MAX)
        return false;
    memcpy(expires_ms, stored->mv_data, HEADER);
    *value = slice_make((const char *)stored->mv_data + HEADER, stored->mv_size - HEADER);
    return now_ms < *expires_ms;
}

static bool is_full(struct kv *kv, MDB_txn *txn)
{
    MDB_stat st;
    return mdb_stat(txn, kv->file.dbi, &st) == 0 && st.ms_branch_pages + st.ms_leaf_pages + st.ms_overflow_pages >= kv->pages_max;
}

/** Stores next under the cursor's key, or removes it. current: bytes stored there now, 0 if none. */
static int store(struct kv *kv, MDB_cursor *cursor, MDB_val *key, size_t current, const struct kv_value *next)
{
    char bytes[HEADER + KV_VALUE_MAX];
    MDB_val value = {.mv_size = HEADER + next->len, .mv_data = bytes};
    if (next->len > KV_VALUE_MAX)
        return MDB_BAD_VALSIZE;
    if (next->len == 0)
        return current ? mdb_cursor_del(cursor, 0) : 0;
    if (value.mv_size > current && is_full(kv, mdb_cursor_txn(cursor)))
        return MDB_MAP_FULL;
    memcpy(bytes, &next->expires_ms, HEADER);
    memcpy(bytes + HEADER, next->bytes, next->len);
    return mdb_cursor_put(cursor, key, &value, current ? MDB_CURRENT : 0);
}

/** A key that LMDB can hold; digest keeps its bytes if need be. */
static struct slice fit_key(struct slice key, unsigned char digest[SHA256_DIGEST_LENGTH])
{
    if (key.len <= KV_KEY_MAX)
        return key;
    SHA256((const unsigned char *)key.ptr, key.len, digest);
    return slice_make((const char *)digest, SHA256_DIGEST_LENGTH);
}

static int change_one(struct kv *kv, const struct kv_change *c, int64_t now_ms, MDB_cursor *cursor, struct changed *changed)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    struct slice name = fit_key(c->key, digest), value = SLICE("");
    MDB_val key = {.mv_size = name.len, .mv_data = (void *)(uintptr_t)name.ptr}, stored = {0};
    struct kv_value next;
    int64_t expires_ms;
    int rc = mdb_cursor_get(cursor, &key, &stored, MDB_SET);
    if (rc == MDB_NOTFOUND)
        stored.mv_size = 0;
    else if (rc != 0)
        return rc;
    if (stored.mv_size > 0 && !read_value(&stored, now_ms, &value, &expires_ms))
        value = SLICE("");
    next.len = 0;
    next.expires_ms = 0;
    if (!c->fn(c->ctx, value, &next))
        return 0;
    remember(changed, &key);
    return store(kv, cursor, &key, stored.mv_size, &next);
}

static int change_in(const struct update *u, MDB_txn *txn, struct changed *changed)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, u->kv->file.dbi, &cursor);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < u->count && rc == 0; i++)
        rc = change_one(u->kv, &u->changes[i], u->now_ms, cursor, changed);
    mdb_cursor_close(cursor);
    return rc;
}

static int change(const struct update *u)
{
    MDB_txn *txn;
    struct changed changed;
    int rc = begin_write(u->kv, &txn);
    if (rc != 0)
        return rc;
    changed.any = false;
    rc = change_in(u, txn, &changed);
    if (rc == 0 && changed.any)
        return commit(u->kv, txn, &changed);
    mdb_txn_abort(txn);
    return rc;
}

/** Whether the store can be used (again) after that error. */
static bool recover(struct kv *kv, int64_t now_ms, int rc)
{
    bool broken = rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID;
    if (!broken && rc != MDB_PANIC && kv->file.env)
        return false;
    if (now_ms >= kv->reopened_ms && now_ms < kv->reopened_ms + REOPEN_PAUSE_MS)
        return false;
    kv->reopened_ms = now_ms;
    kv->sweep_key_len = 0;
    kv->committed = 0;
    if (!kv_file_reopen(&kv->file, broken))
        return false;
    learn_size(kv);
    return true;
}

/** Whether sweeping has made room. A sweep that found nothing is not repeated for every message. */
static bool make_room(struct kv *kv, int64_t now_ms)
{
    if (now_ms >= kv->swept_full_ms && now_ms < kv->swept_full_ms + FULL_PAUSE_MS)
        return false;
    for (unsigned pass = 0; pass < 2; pass++)
        if (kv_sweep(kv, now_ms, SWEEP_WHEN_FULL) > 0)
            return true;
    kv->swept_full_ms = now_ms;
    return false;
}

bool kv_update_all(struct kv *kv, const struct kv_change *changes, size_t count, int64_t now_ms)
{
    struct update u = {kv, changes, count, now_ms};
    int rc = kv->file.env ? change(&u) : MDB_PANIC;
    if (rc == 0)
        return true;
    if (rc == MDB_MAP_FULL ? make_room(kv, now_ms) : recover(kv, now_ms, rc))
        rc = change(&u);
    if (rc != 0)
        complain(kv, now_ms, "update", rc);
    return rc == 0;
}

bool kv_update(struct kv *kv, struct slice key, int64_t now_ms, kv_update_fn fn, void *ctx)
{
    struct kv_change one = {key, fn, ctx};
    return kv_update_all(kv, &one, 1, now_ms);
}

struct sweep {
    struct kv *kv;
    int64_t now_ms;
    size_t max, visits, removed;
    struct changed changed;
};

static bool is_live(const MDB_val *stored, int64_t now_ms)
{
    struct slice value;
    int64_t expires_ms;
    return read_value(stored, now_ms, &value, &expires_ms);
}

/** Goes on from the remembered key; remembers where it stopped, or forgets at the end. */
static int sweep_in(struct sweep *s, MDB_cursor *cursor)
{
    struct kv *kv = s->kv;
    MDB_val key = {.mv_size = kv->sweep_key_len, .mv_data = kv->sweep_key}, stored;
    int rc = mdb_cursor_get(cursor, &key, &stored, kv->sweep_key_len ? MDB_SET_RANGE : MDB_FIRST);
    for (; rc == 0 && s->removed < s->max && s->visits > 0; s->visits--) {
        if (!is_live(&stored, s->now_ms)) {
            remember(&s->changed, &key);
            rc = mdb_cursor_del(cursor, 0);
            if (rc != 0)
                return rc;
            s->removed++;
        }
        rc = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT);
    }
    if (rc == MDB_NOTFOUND)
        kv->sweep_key_len = 0;
    else if (rc == 0) {
        kv->sweep_key_len = key.mv_size < KV_KEY_MAX ? key.mv_size : KV_KEY_MAX;
        memmove(kv->sweep_key, key.mv_data, kv->sweep_key_len);
    }
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int sweep(struct sweep *s)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    int rc = begin_write(s->kv, &txn);
    if (rc != 0)
        return rc;
    rc = mdb_cursor_open(txn, s->kv->file.dbi, &cursor);
    if (rc == 0) {
        rc = sweep_in(s, cursor);
        mdb_cursor_close(cursor);
    }
    if (rc == 0 && s->removed > 0)
        return commit(s->kv, txn, &s->changed);
    mdb_txn_abort(txn);
    return rc;
}

size_t kv_sweep(struct kv *kv, int64_t now_ms, size_t max)
{
    struct sweep s = {.kv = kv, .now_ms = now_ms, .max = max, .visits = max * VISITS_PER_REMOVAL};
    int rc, dead;
    if (kv_file_is_stale(&kv->file) && !recover(kv, now_ms, MDB_PANIC))
        return 0;
    mdb_reader_check(kv->file.env, &dead);
    rc = sweep(&s);
    if (rc == 0)
        return s.removed;
    kv->sweep_key_len = 0;
    if (!recover(kv, now_ms, rc))
        complain(kv, now_ms, "sweep", rc);
    return 0;
}

void kv_each(struct kv *kv, struct slice prefix, int64_t now_ms,
             void (*each)(void *ctx, struct slice key, struct slice value, int64_t expires_ms), void *ctx)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key = {.mv_size = prefix.len, .mv_data = (void *)(uintptr_t)prefix.ptr}, stored;
    if (!kv->file.env || begin(kv, MDB_RDONLY, &txn) != 0)
        return;
    if (mdb_cursor_open(txn, kv->file.dbi, &cursor) == 0) {
        int rc = mdb_cursor_get(cursor, &key, &stored, prefix.len ? MDB_SET_RANGE : MDB_FIRST);
        for (; rc == 0; rc = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT)) {
            struct slice name = slice_make(key.mv_data, key.mv_size), value;
            int64_t expires_ms;
            if (!slice_starts(name, prefix))
                break;
            if (read_value(&stored, now_ms, &value, &expires_ms))
                each(ctx, name, value, expires_ms);
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
}
