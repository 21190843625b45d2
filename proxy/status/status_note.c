/* status_note: see status_note.h. */
#include "proxy/status/status_note.h"

#include <inttypes.h>

enum { SEPARATOR = '\x1f', VALUES_MAX = 6, WORKERS_MAX = 4096 };

static const char *const state_names[] = {"starting", "serving", "draining"};

const char *status_worker_state_name(enum status_worker_state state)
{
    return state_names[state];
}

/* ---- writing ---- */

static void add_text(struct buf *out, const char *text)
{
    for (const char *c = text ? text : ""; *c; c++)
        buf_add_byte(out, *c == SEPARATOR || *c == '\n' ? '?' : *c);
}

static void add_number(struct buf *out, uint64_t n)
{
    buf_add_format(out, "%c%" PRIu64, SEPARATOR, n);
}

static void add_line(struct buf *out, const char *word, const char *text)
{
    buf_add_format(out, "%s%c", word, SEPARATOR);
    add_text(out, text);
    buf_add_byte(out, '\n');
}

static void add_worker(struct buf *out, const struct status_worker *w)
{
    buf_add_text(out, "worker");
    add_number(out, (uint64_t)w->pid);
    add_number(out, (uint64_t)w->started_ms);
    add_number(out, (uint64_t)w->state);
    add_number(out, w->restarts);
    add_number(out, w->sessions_open);
    add_number(out, w->sessions);
    buf_add_byte(out, '\n');
}

void status_note_write(const struct status_note *note, struct buf *out)
{
    add_line(out, "version", note->version);
    add_line(out, "file", note->file);
    buf_add_format(out, "loaded%c%" PRId64 "\n", SEPARATOR, note->loaded_ms);
    if (note->refused_ms) {
        buf_add_format(out, "refused%c%" PRId64 "%c", SEPARATOR, note->refused_ms, SEPARATOR);
        add_text(out, note->refused_why);
        buf_add_byte(out, '\n');
    }
    for (size_t i = 0; i < note->worker_count; i++)
        add_worker(out, &note->workers[i]);
}

/* ---- reading ---- */

struct line {
    struct slice word, values[VALUES_MAX];
    size_t count;
};

static bool read_line(struct slice text, struct line *out)
{
    struct slice rest = text;
    *out = (struct line){.count = 0};
    if (!slice_split(&rest, SEPARATOR, &out->word))
        return false;
    while (out->count < VALUES_MAX && slice_split(&rest, SEPARATOR, &out->values[out->count]))
        out->count++;
    return true;
}

static uint64_t number_of(const struct line *l, size_t i)
{
    uint64_t n = 0;
    return i < l->count && slice_to_u64(l->values[i], &n) ? n : 0;
}

static void read_worker(const struct line *l, struct status_worker *w)
{
    uint64_t state = number_of(l, 2);
    *w = (struct status_worker){
        .pid = (pid_t)number_of(l, 0),
        .started_ms = (int64_t)number_of(l, 1),
        .state = state <= STATUS_WORKER_DRAINING ? (enum status_worker_state)state : STATUS_WORKER_STARTING,
        .restarts = number_of(l, 3),
        .sessions_open = number_of(l, 4),
        .sessions = number_of(l, 5),
    };
}

static const char *text_of(const struct line *l, size_t i, struct arena *arena)
{
    return i < l->count ? arena_string(arena, l->values[i]) : "";
}

static void read_fact(const struct line *l, struct arena *arena, struct status_note *out)
{
    if (slice_eq(l->word, SLICE("version")))
        out->version = text_of(l, 0, arena);
    else if (slice_eq(l->word, SLICE("file")))
        out->file = text_of(l, 0, arena);
    else if (slice_eq(l->word, SLICE("loaded")))
        out->loaded_ms = (int64_t)number_of(l, 0);
    else if (slice_eq(l->word, SLICE("refused"))) {
        out->refused_ms = (int64_t)number_of(l, 0);
        out->refused_why = text_of(l, 1, arena);
    }
}

static size_t count_workers(struct slice text)
{
    size_t n = 0;
    struct slice line;
    while (slice_split(&text, '\n', &line))
        n += slice_starts(line, SLICE("worker"));
    return n < WORKERS_MAX ? n : WORKERS_MAX;
}

void status_note_read(struct slice text, struct arena *arena, struct status_note *out)
{
    size_t room = count_workers(text);
    struct status_worker *workers = arena_alloc(arena, (room + 1) * sizeof *workers);
    struct slice rest = text, piece;
    struct line line;
    *out = (struct status_note){.version = "", .file = "", .refused_why = "", .workers = workers};
    while (slice_split(&rest, '\n', &piece)) {
        if (!read_line(piece, &line))
            continue;
        if (!slice_eq(line.word, SLICE("worker")))
            read_fact(&line, arena, out);
        else if (out->worker_count < room)
            read_worker(&line, &workers[out->worker_count++]);
    }
}
