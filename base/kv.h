/* kv: small shared state with expiry: LMDB under the state directory, one environment for all workers.
 *
 * Open it after fork, and before system calls are restricted: opening locks, forks a child that checks the store if nobody else
 * uses it, and reserves the disk space. A store that is corrupt is moved aside and made anew (the log says so); a store that cannot be used
 * at all gives errors from kv_update, and the filter's on_error applies. Nothing here is worth more than a message. */
#ifndef BASE_KV_H
#define BASE_KV_H

#include "base/slice.h"

struct kv;

enum { KV_KEY_MAX = 480, KV_VALUE_MAX = 4096 };

struct kv_value {
    char bytes[KV_VALUE_MAX];
    size_t len;         /* 0: the key is to be removed */
    int64_t expires_ms; /* unix time after which the value counts as absent */
};

/** Computes *next from the current value (empty slice: absent or expired). Returns false to leave the store as it is.
 *  Runs inside the store's write transaction: must not block and must not call kv functions. */
typedef bool (*kv_update_fn)(void *ctx, struct slice current, struct kv_value *next);

/** Opens or creates the store in directory. NULL and a text in *error (static) if that is impossible. map_bytes: upper size. */
struct kv *kv_open(const char *directory, size_t map_bytes, const char **error);
void kv_close(struct kv **kv);
/** One of several changes that are made together. */
struct kv_change {
    struct slice key;
    kv_update_fn fn;
    void *ctx;
};

/** Atomic read-modify-write across all processes. False if the store failed (nothing was changed). A key longer than
 *  KV_KEY_MAX is replaced by its SHA-256. */
bool kv_update(struct kv *kv, struct slice key, int64_t now_ms, kv_update_fn fn, void *ctx);
/** The same for several keys in one transaction: all or none. A fn may be called a second time, from the start. */
bool kv_update_all(struct kv *kv, const struct kv_change *changes, size_t count, int64_t now_ms);
/** Removes up to max expired entries, continuing where the last call stopped. Returns how many. */
size_t kv_sweep(struct kv *kv, int64_t now_ms, size_t max);
/** Calls each(ctx, key, value, expires_ms) for every live entry whose key starts with prefix. */
void kv_each(struct kv *kv, struct slice prefix, int64_t now_ms,
             void (*each)(void *ctx, struct slice key, struct slice value, int64_t expires_ms), void *ctx);

#endif
