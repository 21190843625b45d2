/* log_files: see log_files.h. */
#include "proxy/logbook/log_files.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { STEP = 64 * 1024, PREFIX_ROOM = 1024 };

struct pass {
    log_files_fn fn;
    void *ctx;
    struct log_files_read *read;
    struct arena *arena;
    struct buf held; /* the beginning of a line whose end is still to come */
    bool skipping;   /* it is longer than any of ours */
};

static void take_line(struct pass *p, struct slice text)
{
    struct log_line line;
    arena_clear(p->arena);
    p->read->lines++;
    if (!p->skipping && log_line_parse(text, p->arena, &line))
        p->fn(p->ctx, &line);
    else
        p->read->foreign++;
    p->skipping = false;
}

static void hold(struct pass *p, struct slice part)
{
    if (p->held.len + part.len <= LOG_LINE_MAX + PREFIX_ROOM) {
        buf_add(&p->held, part);
        return;
    }
    p->skipping = true;
    buf_clear(&p->held);
}

static void take_bytes(struct pass *p, struct slice bytes)
{
    ptrdiff_t end;
    while ((end = slice_index(bytes, '\n')) >= 0) {
        struct slice part = slice_first(bytes, (size_t)end);
        if (p->held.len)
            hold(p, part);
        take_line(p, p->held.len ? buf_slice(&p->held) : part);
        buf_clear(&p->held);
        bytes = slice_skip(bytes, (size_t)end + 1);
    }
    if (bytes.len)
        hold(p, bytes);
}

/* A last line without its end may be one that is just being written: it is left out, unless it can be understood. */
static bool read_descriptor(struct pass *p, int fd)
{
    static char bytes[STEP];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            take_bytes(p, slice_make(bytes, (size_t)n));
    if (p->held.len)
        take_line(p, buf_slice(&p->held));
    buf_clear(&p->held);
    p->skipping = false;
    return n == 0;
}

static bool read_file(struct pass *p, const char *path)
{
    if (strcmp(path, "-") == 0)
        return read_descriptor(p, STDIN_FILENO);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = read_descriptor(p, fd);
    int why = errno;
    close(fd);
    errno = why;
    return done;
}

bool log_files_read(const char *const *paths, log_files_fn fn, void *ctx, struct log_files_read *read, const char **failed)
{
    struct pass p = {.fn = fn, .ctx = ctx, .read = read, .arena = arena_new()};
    bool done = true;
    *read = (struct log_files_read){0};
    for (size_t i = 0; paths[i] && done; i++) {
        *failed = paths[i];
        done = read_file(&p, paths[i]);
    }
    buf_release(&p.held);
    arena_free(&p.arena);
    return done;
}
