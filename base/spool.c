/* spool: see spool.h.
 *
 * In memory a message is one growing run of bytes, and the pool is charged for its capacity. Once spilled, the same buffer holds
 * either the bytes that are not yet in the file or those last read from it: 64 KiB per spilled message, not charged to the pool.
 * The file has no name: nothing is left behind, however this process ends. */
#include "base/spool.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, MEMORY_FIRST = 4096 };

struct spool {
    struct spool_pool *pool;
    uint64_t size;
    int fd; /* -1: still in memory */
    char *bytes;
    size_t len, cap;  /* in memory: the whole message. Spilled: bytes of the message from window on */
    uint64_t window;  /* offset of bytes[0] */
    uint64_t written; /* bytes that are in the file; window + len beyond it still has to be written */
};

struct spool *spool_new(struct spool_pool *pool)
{
    struct spool *s = mem_alloc(sizeof *s);
    s->pool = pool;
    s->fd = -1;
    return s;
}

static void release_memory(struct spool *s)
{
    if (s->fd < 0)
        s->pool->memory_used -= s->cap;
    mem_free(s->bytes);
    s->bytes = NULL;
    s->len = s->cap = 0;
}

void spool_free(struct spool **handle)
{
    struct spool *s = *handle;
    if (!s)
        return;
    release_memory(s);
    if (s->fd >= 0) {
        close(s->fd);
        s->pool->disk_used -= s->size;
    }
    mem_free(s);
    *handle = NULL;
}

uint64_t spool_size(const struct spool *s)
{
    return s->size;
}

static enum spool_status status_of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? SPOOL_FULL : SPOOL_ERROR;
}

/** Room in memory for n more bytes, as far as both limits allow. */
static bool grow_memory(struct spool *s, size_t n)
{
    const struct spool_pool *pool = s->pool;
    size_t need = s->len + n, cap = s->cap ? s->cap : MEMORY_FIRST;
    if (need < n || need > pool->memory_per_message)
        return false;
    while (cap < need)
        cap *= 2;
    if (cap > pool->memory_per_message)
        cap = pool->memory_per_message;
    if (cap == s->cap)
        return true;
    if (pool->memory_used > pool->memory_total || cap - s->cap > pool->memory_total - pool->memory_used)
        return false;
    s->pool->memory_used += cap - s->cap;
    s->bytes = mem_resize(s->bytes, cap);
    s->cap = cap;
    return true;
}

static int open_unnamed(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    struct buf path = {0};
    buf_add_format(&path, "%s/mailweir-spool-XXXXXX", directory);
    fd = mkostemp(path.ptr, O_CLOEXEC);
    if (fd >= 0)
        unlink(path.ptr);
    buf_release(&path);
    return fd;
}

static enum spool_status write_all(struct spool *s, struct slice bytes)
{
    while (bytes.len) {
        ssize_t n = pwrite(s->fd, bytes.ptr, bytes.len, (off_t)s->written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ENOSPC;
        if (n <= 0)
            return status_of_errno();
        s->written += (uint64_t)n;
        bytes = slice_skip(bytes, (size_t)n);
    }
    return SPOOL_OK;
}

/** Writes what the file does not have yet; the buffer is then empty and stands at the end. */
static enum spool_status flush(struct spool *s)
{
    enum spool_status status = SPOOL_OK;
    if (s->window + s->len > s->written)
        status = write_all(s, slice_make(s->bytes, s->len));
    s->window = s->written;
    s->len = 0;
    return status;
}

static bool charge_disk(struct spool *s, uint64_t n)
{
    struct spool_pool *pool = s->pool;
    if (pool->disk_used > pool->disk_total || n > pool->disk_total - pool->disk_used)
        return false;
    pool->disk_used += n;
    return true;
}

/** From memory to a file. */
static enum spool_status spill(struct spool *s)
{
    if (!s->pool->directory)
        return SPOOL_ERROR;
    if (s->size > s->pool->disk_total)
        return SPOOL_FULL;
    int fd = open_unnamed(s->pool->directory);
    if (fd < 0)
        return status_of_errno();
    if (!charge_disk(s, s->size)) {
        close(fd);
        return SPOOL_FULL;
    }
    struct slice all = slice_make(s->bytes, s->len);
    s->pool->memory_used -= s->cap;
    s->fd = fd;
    enum spool_status status = write_all(s, all);
    release_memory(s);
    s->bytes = mem_resize(NULL, PIECE);
    s->cap = PIECE;
    s->window = s->written;
    return status;
}

static enum spool_status append_file(struct spool *s, struct slice bytes)
{
    if (!charge_disk(s, bytes.len))
        return SPOOL_FULL;
    s->size += bytes.len;
    if (s->window + s->len <= s->written) { /* the buffer holds what was read: forget it */
        s->window = s->written;
        s->len = 0;
    }
    if (bytes.len > s->cap - s->len) {
        enum spool_status status = flush(s);
        if (status != SPOOL_OK || bytes.len >= s->cap) {
            status = status == SPOOL_OK ? write_all(s, bytes) : status;
            s->window = s->written;
            return status;
        }
    }
    memcpy(s->bytes + s->len, bytes.ptr, bytes.len);
    s->len += bytes.len;
    return SPOOL_OK;
}

enum spool_status spool_append(struct spool *s, struct slice bytes)
{
    if (bytes.len == 0)
        return SPOOL_OK;
    if (s->fd < 0 && grow_memory(s, bytes.len)) {
        memcpy(s->bytes + s->len, bytes.ptr, bytes.len);
        s->len += bytes.len;
        s->size += bytes.len;
        return SPOOL_OK;
    }
    if (s->fd < 0) {
        enum spool_status status = spill(s);
        if (status != SPOOL_OK)
            return status;
    }
    return append_file(s, bytes);
}

/** Fills the buffer from the file, from offset on. */
static enum spool_status load(struct spool *s, uint64_t offset)
{
    enum spool_status status = flush(s);
    if (status != SPOOL_OK)
        return status;
    uint64_t left = s->size - offset;
    size_t want = left < PIECE ? (size_t)left : PIECE;
    s->window = offset;
    s->len = 0;
    while (s->len < want) {
        ssize_t n = pread(s->fd, s->bytes + s->len, want - s->len, (off_t)(offset + s->len));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return SPOOL_ERROR;
        s->len += (size_t)n;
    }
    return SPOOL_OK;
}

/** Whether the buffer already holds as much from offset on as a read promises. */
static bool is_loaded(const struct spool *s, uint64_t offset, size_t max)
{
    if (s->fd < 0)
        return true;
    if (offset < s->window || offset > s->window + s->len)
        return false;
    uint64_t have = s->window + s->len - offset, promised = s->size - offset;
    if (promised > max)
        promised = max;
    return have >= (promised < PIECE ? promised : PIECE);
}

enum spool_status spool_read(struct spool *s, uint64_t offset, size_t max, struct slice *out)
{
    *out = SLICE("");
    if (offset >= s->size)
        return SPOOL_OK;
    if (!is_loaded(s, offset, max)) {
        enum spool_status status = load(s, offset);
        if (status != SPOOL_OK)
            return status;
    }
    size_t skip = (size_t)(offset - s->window);
    *out = slice_first(slice_make(s->bytes + skip, s->len - skip), max);
    return SPOOL_OK;
}
