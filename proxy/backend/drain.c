/* drain: see drain.h. */
#include "proxy/backend/drain.h"

#include "proxy/backend/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 };

static bool read_all(int fd, struct buf *list)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0 && list->len <= FILE_MAX)
        buf_add(list, slice_make(piece, (size_t)n));
    if (n == 0)
        return true;
    if (n > 0)
        errno = EFBIG;
    return false;
}

static bool make_path(const char *directory, const char *name, char path[PATH_MAX])
{
    errno = ENAMETOOLONG;
    return (size_t)snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX;
}

bool drain_read(const char *directory, struct buf *list)
{
    char path[PATH_MAX];
    if (!make_path(directory, "drained", path))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT;
    bool good = read_all(fd, list);
    int error = errno;
    close(fd);
    errno = error;
    return good;
}

bool drain_next(struct slice *list, const char *backend, struct slice *server)
{
    struct slice line, name = slice_of(backend);
    while (list->len && slice_split(list, '\n', &line)) {
        if (!slice_starts(line, name) || line.len <= name.len + 1 || line.ptr[name.len] != '/')
            continue;
        *server = slice_skip(line, name.len + 1);
        return true;
    }
    return false;
}

bool drain_holds(struct slice list, const char *backend, struct slice server)
{
    struct slice named;
    while (drain_next(&list, backend, &named))
        if (slice_eq(named, server))
            return true;
    return false;
}

/* All lines but that one, which stands at the end if it is to. */
static void change(struct slice old, struct slice line, bool drained, struct buf *list)
{
    struct slice other;
    while (old.len && slice_split(&old, '\n', &other)) {
        if (other.len == 0 || slice_eq(other, line))
            continue;
        buf_add(list, other);
        buf_add_byte(list, '\n');
    }
    if (!drained)
        return;
    buf_add(list, line);
    buf_add_byte(list, '\n');
}

/* Readers find the old list or the new one. */
static bool replace(const char *directory, struct slice list)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    if (!make_path(directory, "drained", path) || !make_path(directory, "drained.new", fresh))
        return false;
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    bool good = write(fd, list.ptr, list.len) == (ssize_t)list.len && fsync(fd) == 0;
    return close(fd) == 0 && good && rename(fresh, path) == 0;
}

static bool set_locked(const char *directory, struct slice line, bool drained)
{
    struct buf old = {0}, list = {0};
    bool good = drain_read(directory, &old);
    if (good) {
        change(buf_slice(&old), line, drained, &list);
        good = replace(directory, buf_slice(&list));
    }
    buf_release(&old);
    buf_release(&list);
    return good;
}

bool drain_set(const char *directory, const char *backend, struct slice server, bool drained)
{
    struct buf line = {0};
    int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0)
        return false;
    buf_add_format(&line, "%s/%.*s", backend, SLICE_FMT(server));
    bool good = flock(lock, LOCK_EX) == 0 && set_locked(directory, buf_slice(&line), drained);
    int error = errno;
    buf_release(&line);
    close(lock);
    errno = error;
    return good;
}

void drain_look(struct backend *b)
{
    struct buf list = {0};
    if (b->tools.directory && drain_read(b->tools.directory, &list))
        for (struct server *s = b->servers; s; s = s->next)
            server_set_drained(s, drain_holds(buf_slice(&list), b->settings->name, slice_of(s->name)) ||
                                      drain_holds(buf_slice(&list), b->settings->name, slice_of(s->settings->address)));
    buf_release(&list);
}
