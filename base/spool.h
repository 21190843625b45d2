/* spool: the bytes of one message: in memory first, then in an unlinked file.
 *
 * A pool holds one worker's limits. Bytes kept are exactly those appended, in order. */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include "base/slice.h"

struct spool_pool {
    const char *directory;     /* for spill files */
    size_t memory_per_message; /* bytes kept in memory before a message spills */
    size_t memory_total;       /* bytes in memory over all messages of this worker; beyond it messages spill at once */
    size_t memory_used;
    uint64_t disk_total; /* bytes in files over all messages of this worker */
    uint64_t disk_used;
};

enum spool_status {
    SPOOL_OK,
    SPOOL_FULL,  /* disk_total reached, or the file system is full: 452 4.3.1 */
    SPOOL_ERROR, /* the file could not be made, written or read: 451 4.3.0 */
};

struct spool;

struct spool *spool_new(struct spool_pool *pool);
/** Gives everything back and sets *s to NULL. */
void spool_free(struct spool **s);
/** After anything but SPOOL_OK the spool must not be used but for spool_free. */
enum spool_status spool_append(struct spool *s, struct slice bytes);
uint64_t spool_size(const struct spool *s);
/** Bytes from offset on, at most max; valid until the next call on this spool. Empty at the end.
 *  SPOOL_ERROR if the file cannot be read; SPOOL_FULL if the last bytes appended do not fit the disk. Never fewer than min(max, what is
 * left, 64 KiB) bytes. */
enum spool_status spool_read(struct spool *s, uint64_t offset, size_t max, struct slice *out);

#endif
