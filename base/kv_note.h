/* kv_note: remembers, outside the store, what the last writer was about to commit; so that the next one can tell whether a commit during
 * which its process was killed has come out whole. Used by kv.c only.
 *
 * LMDB 0.9 with a writable map publishes a commit by storing its number into the store's head, in which the compiled library stores the
 * place of the tree's root one instruction later. A kill between the two leaves new free pages beside an old tree, and the
 * next writers would overwrite pages in use. Such a store answers with an old value where the note has the new one. */
#ifndef BASE_KV_NOTE_H
#define BASE_KV_NOTE_H

#include "base/slice.h"

struct kv_note;

/** The note at the end of the lock file, shared by all processes. NULL: it cannot be mapped; then nothing is told apart. */
struct kv_note *kv_note_map(int lock_fd);
void kv_note_unmap(struct kv_note *note);
/** Before a commit: transaction `number` of the store with this inode leaves value (empty: nothing) under key. Only its first bytes are
 * kept. */
void kv_note_write(struct kv_note *note, uint64_t store, uint64_t number, struct slice key, struct slice value);
/** Whether the note is about the last transaction of this store, by another process than the caller's last; then *key is its key. */
bool kv_note_applies(const struct kv_note *note, uint64_t store, uint64_t last, struct slice *key);
/** Whether what stands under the key is what was noted. */
bool kv_note_agrees(const struct kv_note *note, struct slice value);

#endif
