/* stats_page: named counters in shared memory, and in a file for other processes to read. No locks.
 *
 * The maker gives the names and maps the page before it forks; each writer has a slot of its own and adds with plain stores. A slot keeps
 * its counts when its writer dies, and the next writer goes on with them. A page may carry counts of pages before it: those of the same
 * name go on. Readers take a copy of the file and trust nothing in it. */
#ifndef BASE_STATS_PAGE_H
#define BASE_STATS_PAGE_H

#include "base/arena.h"

#include <sys/types.h>

enum stats_kind {
    STATS_COUNTER, /* only grows */
    STATS_GAUGE,   /* goes up and down, and is nothing without its writer */
};

struct stats_def {
    const char *name; /* unique; kept by reference */
    enum stats_kind kind;
};

struct stats_page;

/** The file that a page is to become with stats_page_publish. */
struct stats_file {
    const char *path; /* NULL: none; nobody else will read the page */
    bool owned;       /* it is for: */
    uid_t uid;
    gid_t gid;
};

/** Maps a page. If the file cannot be made, *error says why and the page is one without a file. Never NULL. defs must live as long as the
 *  page. */
struct stats_page *stats_page_new(const struct stats_file *file, const struct stats_def *defs, size_t count, size_t slots,
                                  const char **error);
/** Puts it in the place of the file at its path, at once for readers; false: errno says why not. since_ms: when the counts began; owner:
 * whose life they tell of. */
bool stats_page_publish(struct stats_page *page, int64_t since_ms, pid_t owner);
/** The next page is published: the file of this one is gone, or goes now. */
void stats_page_yield(struct stats_page *page, const struct stats_page *next);
/** Unmaps it and removes its file. */
void stats_page_free(struct stats_page **page);

/** The counters of a slot, in the order of the definitions, for one writer. Its gauges begin at 0. */
uint64_t *stats_page_claim(struct stats_page *page, size_t slot);
/** Who writes into it; 0: nobody. */
void stats_page_set_writer(struct stats_page *page, size_t slot, pid_t pid, int64_t started_ms);

/** The counters of a slot, to be read only. */
const uint64_t *stats_page_slot(const struct stats_page *page, size_t slot);

/** Leaves a text beside the counters, in the place of the one before; what is too long is cut behind a line end. For the maker only. */
void stats_page_note(struct stats_page *page, struct slice text);

/** What the page before had carried: the counters of the same name begin with it. */
void stats_page_inherit(struct stats_page *page, const struct stats_page *before);
/** Nobody writes into that page any more: its own counts are carried from now on. */
void stats_page_retire(struct stats_page *page, const struct stats_page *ended);
/** Shows what it carries together with what others, that are still written, have counted so far. */
void stats_page_carry(struct stats_page *page, const struct stats_page *const *others, size_t count);

/** For the one writer of a slot. */
static inline void stats_add(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

/* ---- reading ---- */

struct stats_writer {
    pid_t pid; /* 0: none at present */
    int64_t started_ms;
};

struct stats_total {
    const char *name;
    enum stats_kind kind;
    uint64_t value; /* over all slots, with what is carried */
};

struct stats_view {
    pid_t owner;
    int64_t since_ms, published_ms;
    const struct stats_total *totals; /* in the order of the definitions */
    size_t count;
    const struct stats_writer *writers; /* one for each slot */
    size_t writer_count;
    struct slice note; /* what the maker told last; empty: nothing, or it was just changing */
};

/** Reads the file into arena. False: *error says why. */
bool stats_view_read(const char *path, struct arena *arena, struct stats_view *out, const char **error);

#endif
