/* stats_page: the maker's and the writers' side. See stats_page.h; reading: stats_view.c. */
#include "base/stats_page.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/stats_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct stats_page {
    const struct stats_def *defs;
    char *memory;
    struct stats_head *head; /* its beginning */
    size_t size;
    char *path;        /* NULL: no file */
    char *made;        /* the name it was made under; NULL once it is published */
    uint32_t *by_name; /* indices, sorted by name */
    uint64_t *retired; /* carried for good */
    uint64_t *sums;    /* room for stats_page_carry */
};

/* ---- names ---- */

static int compare_names(const void *a, const void *b, void *defs)
{
    const struct stats_def *d = defs;
    return strcmp(d[*(const uint32_t *)a].name, d[*(const uint32_t *)b].name);
}

static void sort_names(struct stats_page *page, size_t count)
{
    page->by_name = mem_alloc((count + 1) * sizeof *page->by_name);
    for (size_t i = 0; i < count; i++)
        page->by_name[i] = (uint32_t)i;
    qsort_r(page->by_name, count, sizeof *page->by_name, compare_names, (void *)(uintptr_t)page->defs);
}

/** The index of a name, or -1. */
static ptrdiff_t find_name(const struct stats_page *page, const char *name)
{
    size_t low = 0, high = page->head->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, page->defs[page->by_name[middle]].name);
        if (order == 0)
            return page->by_name[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

static size_t names_size(const struct stats_def *defs, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += strlen(defs[i].name) + 2;
    return size;
}

static void write_names(struct stats_page *page)
{
    char *at = page->memory + stats_aligned(sizeof *page->head);
    for (size_t i = 0; i < page->head->count; i++) {
        *at++ = page->defs[i].kind == STATS_GAUGE ? 'g' : 'c';
        at = stpcpy(at, page->defs[i].name) + 1;
    }
}

/* ---- memory ---- */

static char *text_copy(const char *text)
{
    return strcpy(mem_alloc(strlen(text) + 1), text);
}

/** All of its space is taken now: a page that the disk has no room for later would kill its writers. */
static char *map_file(const char *path, const struct stats_file *file, size_t size, int *why)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) {
        *why = errno;
        return NULL;
    }
    *why = file->owned && fchown(fd, file->uid, file->gid) != 0 ? errno : posix_fallocate(fd, 0, (off_t)size);
    char *memory = *why ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (!*why && memory == MAP_FAILED)
        *why = errno;
    close(fd);
    if (memory != MAP_FAILED)
        return memory;
    unlink(path);
    return NULL;
}

/** Under a name of its own, so that readers never see it half made. */
static const char *make_file(struct stats_page *page, const struct stats_file *file)
{
    static unsigned number;
    static char text[300];
    char name[4096];
    int why = ENAMETOOLONG;
    if ((size_t)snprintf(name, sizeof name, "%s.%d.%u", file->path, (int)getpid(), number++) < sizeof name) {
        unlink(name);
        page->memory = map_file(name, file, page->size, &why);
    }
    if (!page->memory) {
        snprintf(text, sizeof text, "%.200s: %s", file->path, strerror(why));
        return text;
    }
    page->path = text_copy(file->path);
    page->made = text_copy(name);
    return NULL;
}

static void map_anonymous(struct stats_page *page)
{
    page->memory = mmap(NULL, page->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page->memory == MAP_FAILED)
        abort();
}

struct stats_page *stats_page_new(const struct stats_file *file, const struct stats_def *defs, size_t count, size_t slots,
                                  const char **error)
{
    struct stats_page *page = mem_alloc(sizeof *page);
    struct stats_head head = {.count = (uint32_t)count, .slots = (uint32_t)slots, .names_size = (uint32_t)names_size(defs, count)};
    memcpy(head.magic, STATS_MAGIC, sizeof head.magic);
    page->defs = defs;
    page->size = stats_size(&head);
    *error = file->path ? make_file(page, file) : NULL;
    if (!page->memory)
        map_anonymous(page);
    page->head = (void *)page->memory;
    *page->head = head;
    write_names(page);
    sort_names(page, count);
    page->retired = mem_alloc((count + 1) * sizeof *page->retired);
    page->sums = mem_alloc((count + 1) * sizeof *page->sums);
    return page;
}

bool stats_page_publish(struct stats_page *page, int64_t since_ms, pid_t owner)
{
    page->head->since_ms = since_ms;
    page->head->owner = (int32_t)owner;
    page->head->published_ms = clock_unix_ms();
    if (!page->made)
        return true;
    bool done = rename(page->made, page->path) == 0;
    if (done) {
        mem_free(page->made);
        page->made = NULL;
    }
    return done;
}

void stats_page_yield(struct stats_page *page, const struct stats_page *next)
{
    if (!page->path || page->made)
        return;
    if (!next->path || strcmp(page->path, next->path) != 0)
        unlink(page->path);
    mem_free(page->path);
    page->path = NULL;
}

void stats_page_free(struct stats_page **page)
{
    struct stats_page *p = *page;
    if (!p)
        return;
    *page = NULL;
    if (p->path)
        unlink(p->made ? p->made : p->path);
    munmap(p->memory, p->size);
    mem_free(p->path);
    mem_free(p->made);
    mem_free(p->by_name);
    mem_free(p->retired);
    mem_free(p->sums);
    mem_free(p);
}

/* ---- counters ---- */

static uint64_t *carried(const struct stats_page *page)
{
    return (void *)(page->memory + stats_carried_at(page->head));
}

static struct stats_slot_head *slot_head(const struct stats_page *page, size_t slot)
{
    return (void *)(page->memory + stats_slot_at(page->head, slot));
}

static uint64_t *slot_counters(const struct stats_page *page, size_t slot)
{
    return (void *)(page->memory + stats_slot_at(page->head, slot) + STATS_ALIGN);
}

uint64_t *stats_page_claim(struct stats_page *page, size_t slot)
{
    uint64_t *counters = slot_counters(page, slot);
    for (size_t i = 0; i < page->head->count; i++)
        if (page->defs[i].kind == STATS_GAUGE)
            __atomic_store_n(&counters[i], 0, __ATOMIC_RELAXED);
    return counters;
}

const uint64_t *stats_page_slot(const struct stats_page *page, size_t slot)
{
    return slot_counters(page, slot);
}

void stats_page_note(struct stats_page *page, struct slice text)
{
    struct stats_note *note = (void *)(page->memory + stats_note_at(page->head));
    uint32_t number = note->after + 1;
    if (text.len > STATS_NOTE_MAX)
        text = slice_first(text, (size_t)(slice_last_index(slice_first(text, STATS_NOTE_MAX), '\n') + 1));
    __atomic_store_n(&note->after, number, __ATOMIC_SEQ_CST);
    note->length = (uint32_t)text.len;
    if (text.len)
        memcpy(note->text, text.ptr, text.len);
    __atomic_store_n(&note->before, number, __ATOMIC_SEQ_CST);
}

void stats_page_set_writer(struct stats_page *page, size_t slot, pid_t pid, int64_t started_ms)
{
    struct stats_slot_head *head = slot_head(page, slot);
    head->started_ms = started_ms;
    __atomic_store_n(&head->pid, (int32_t)pid, __ATOMIC_RELAXED);
    if (pid == 0)
        stats_page_claim(page, slot);
}

static uint64_t slots_total(const struct stats_page *page, size_t i)
{
    uint64_t sum = 0;
    for (size_t slot = 0; slot < page->head->slots; slot++)
        sum += __atomic_load_n(&slot_counters(page, slot)[i], __ATOMIC_RELAXED);
    return sum;
}

void stats_page_inherit(struct stats_page *page, const struct stats_page *before)
{
    for (size_t i = 0; i < before->head->count; i++) {
        ptrdiff_t own = before->retired[i] ? find_name(page, before->defs[i].name) : -1;
        if (own >= 0)
            page->retired[own] += before->retired[i];
    }
}

/** Adds the counts of a page's own slots to those of the same name. */
static void add_slots(const struct stats_page *page, const struct stats_page *from, bool gauges, uint64_t *sums)
{
    for (size_t i = 0; i < from->head->count; i++) {
        uint64_t n = gauges || from->defs[i].kind == STATS_COUNTER ? slots_total(from, i) : 0;
        ptrdiff_t own = n ? find_name(page, from->defs[i].name) : -1;
        if (own >= 0)
            sums[own] += n;
    }
}

void stats_page_retire(struct stats_page *page, const struct stats_page *ended)
{
    add_slots(page, ended, false, page->retired);
}

void stats_page_carry(struct stats_page *page, const struct stats_page *const *others, size_t count)
{
    size_t n = page->head->count;
    memcpy(page->sums, page->retired, n * sizeof *page->sums);
    for (size_t i = 0; i < count; i++)
        add_slots(page, others[i], true, page->sums);
    for (size_t i = 0; i < n; i++)
        __atomic_store_n(&carried(page)[i], page->sums[i], __ATOMIC_RELAXED);
}
