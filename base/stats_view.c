/* stats_view: reads a statistics page of another process. See stats_page.h. */
#include "base/buf.h"
#include "base/stats_layout.h"
#include "base/stats_page.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char damaged[] = "this is no statistics page of Mailweir, or one of another version";

struct reading {
    const char *bytes;
    size_t size;
    struct stats_head head;
    struct arena *arena;
    struct stats_view *out;
};

/** Its parts fit into the file exactly; the sums cannot overflow within these bounds. */
static bool is_sound(const struct reading *r)
{
    const struct stats_head *h = &r->head;
    return memcmp(h->magic, STATS_MAGIC, sizeof h->magic) == 0 && h->count <= STATS_COUNT_MAX && h->slots <= STATS_SLOTS_MAX &&
           h->names_size <= STATS_NAMES_MAX && stats_size(h) == r->size;
}

static uint64_t number_at(const struct reading *r, size_t offset)
{
    uint64_t n;
    memcpy(&n, r->bytes + offset, sizeof n);
    return n;
}

static uint64_t total_of(const struct reading *r, size_t i)
{
    uint64_t sum = number_at(r, stats_carried_at(&r->head) + i * sizeof sum);
    for (size_t slot = 0; slot < r->head.slots; slot++)
        sum += number_at(r, stats_slot_at(&r->head, slot) + STATS_ALIGN + i * sizeof sum);
    return sum;
}

static bool read_totals(struct reading *r)
{
    struct stats_total *totals = arena_alloc(r->arena, (r->head.count + 1) * sizeof *totals);
    struct slice names = slice_make(r->bytes + stats_aligned(sizeof r->head), r->head.names_size);
    for (size_t i = 0; i < r->head.count; i++) {
        ptrdiff_t end = slice_index(names, '\0');
        if (end < 1)
            return false;
        totals[i] = (struct stats_total){names.ptr + 1, names.ptr[0] == 'g' ? STATS_GAUGE : STATS_COUNTER, total_of(r, i)};
        names = slice_skip(names, (size_t)end + 1);
    }
    r->out->totals = totals;
    r->out->count = r->head.count;
    return true;
}

static void read_writers(struct reading *r)
{
    struct stats_writer *writers = arena_alloc(r->arena, (r->head.slots + 1) * sizeof *writers);
    for (size_t slot = 0; slot < r->head.slots; slot++) {
        struct stats_slot_head head;
        memcpy(&head, r->bytes + stats_slot_at(&r->head, slot), sizeof head);
        writers[slot] = (struct stats_writer){head.pid, head.started_ms};
    }
    r->out->writers = writers;
    r->out->writer_count = r->head.slots;
}

/** False: it was changing while it was read. */
static bool read_note(struct reading *r)
{
    const char *at = r->bytes + stats_note_at(&r->head);
    uint32_t before, after, length;
    memcpy(&before, at + offsetof(struct stats_note, before), sizeof before);
    memcpy(&after, at + offsetof(struct stats_note, after), sizeof after);
    memcpy(&length, at + offsetof(struct stats_note, length), sizeof length);
    if (before != after || length > STATS_NOTE_MAX)
        return false;
    r->out->note = slice_make(at + offsetof(struct stats_note, text), length);
    return true;
}

/** NULL: errno says why; a file that is larger than any page is cut, and found unsound. */
static const char *read_file(const char *path, struct arena *arena, size_t *size)
{
    enum { MOST = 1 << 28, STEP = 1 << 16 };
    struct buf bytes = {0};
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    while (bytes.len < MOST && (n = read(fd, buf_reserve(&bytes, STEP), STEP)) > 0)
        bytes.len += (size_t)n;
    int why = errno;
    close(fd);
    *size = bytes.len;
    const char *copy = n < 0 ? NULL : arena_copy(arena, buf_slice(&bytes)).ptr;
    buf_release(&bytes);
    errno = why;
    return copy;
}

/** *changing: the note is not whole. */
static bool read_view(const char *path, struct arena *arena, struct stats_view *out, const char **error, bool *changing)
{
    struct reading r = {.arena = arena, .out = out};
    *out = (struct stats_view){0};
    r.bytes = read_file(path, arena, &r.size);
    if (!r.bytes) {
        *error = strerror(errno);
        return false;
    }
    memcpy(&r.head, r.bytes, r.size < sizeof r.head ? r.size : sizeof r.head);
    *error = damaged;
    if (r.size < sizeof r.head || !is_sound(&r) || !read_totals(&r))
        return false;
    read_writers(&r);
    *changing = !read_note(&r);
    out->owner = r.head.owner;
    out->since_ms = r.head.since_ms;
    out->published_ms = r.head.published_ms;
    return true;
}

bool stats_view_read(const char *path, struct arena *arena, struct stats_view *out, const char **error)
{
    enum { ATTEMPTS = 5 };
    bool good = true, changing = true;
    for (int i = 0; i < ATTEMPTS && good && changing; i++)
        good = read_view(path, arena, out, error, &changing);
    return good;
}
