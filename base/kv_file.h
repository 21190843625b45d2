/* kv_file: opens the LMDB file of the state store, and puts a broken one out of the way. Used by kv.c only.
 *
 * Opening is serialised between processes by a lock file. Whoever finds that nobody else uses the store first has a child process
 * walk through it: what is broken can then kill only that child. An assertion of LMDB later on leaves a mark that has the
 * same effect at the next opening. */
#ifndef BASE_KV_FILE_H
#define BASE_KV_FILE_H

#include "base/kv_note.h"

#include <lmdb.h>

struct kv_file {
    char *directory;
    int lock;             /* kept open: says that this process uses the store */
    struct kv_note *note; /* NULL: none */
    uint64_t inode;       /* of the data file that is open */
    size_t map_bytes;
    MDB_env *env;
    MDB_dbi dbi;
};

/** False and *error (static) if impossible. */
bool kv_file_open(struct kv_file *f, const char *directory, size_t map_bytes, const char **error);
void kv_file_close(struct kv_file *f);
/** After an error that says the store is broken: opens it again, in place of a new one if broken (only if nobody has replaced it
 *  already). False: there is no store now; call it again later. */
bool kv_file_reopen(struct kv_file *f, bool broken);
/** Whether the file has been replaced by another process. */
bool kv_file_is_stale(const struct kv_file *f);

#endif
