/* kv_note: see kv_note.h. Only the holder of LMDB's write lock touches the note. A process that is killed while it writes one leaves
 * number 0: its transaction was not committed. */
#include "base/kv_note.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

enum { NOTE_BYTES = 4096, KEY_MAX = 512, VALUE_MAX = 64 };

struct kv_note {
    _Atomic uint64_t number; /* 0: none */
    uint64_t store;
    uint32_t key_len, value_len;
    char key[KEY_MAX], value[VALUE_MAX];
};

_Static_assert(sizeof(struct kv_note) <= NOTE_BYTES, "a note is one page");

struct kv_note *kv_note_map(int lock_fd)
{
    if (ftruncate(lock_fd, NOTE_BYTES) != 0)
        return NULL;
    void *page = mmap(NULL, NOTE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, lock_fd, 0);
    return page == MAP_FAILED ? NULL : page;
}

void kv_note_unmap(struct kv_note *note)
{
    if (note)
        munmap(note, NOTE_BYTES);
}

static struct slice beginning(struct slice value)
{
    return slice_first(value, VALUE_MAX);
}

void kv_note_write(struct kv_note *note, uint64_t store, uint64_t number, struct slice key, struct slice value)
{
    if (!note || key.len > KEY_MAX)
        return;
    atomic_store(&note->number, 0);
    note->store = store;
    note->key_len = (uint32_t)key.len;
    note->value_len = (uint32_t)beginning(value).len;
    memcpy(note->key, key.ptr, key.len);
    memcpy(note->value, value.ptr, note->value_len);
    atomic_store(&note->number, number);
}

bool kv_note_applies(const struct kv_note *note, uint64_t store, uint64_t last, struct slice *key)
{
    if (!note || last == 0 || atomic_load(&note->number) != last || note->store != store || note->key_len > KEY_MAX)
        return false;
    *key = slice_make(note->key, note->key_len);
    return true;
}

bool kv_note_agrees(const struct kv_note *note, struct slice value)
{
    return slice_eq(beginning(value), slice_first(slice_make(note->value, VALUE_MAX), note->value_len));
}
