/* list_file: reads a list's file, one entry a line. The bytes stay in the arena, the list's keys point into them. */
#include "filters/lists/lists.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 512 * 1024 * 1024 };

/** A path as the configuration means it: relative to the file that names it. */
static const char *resolve(const struct conf_node *from, struct arena *arena)
{
    struct slice file = slice_of(from->file);
    ptrdiff_t slash = slice_last_index(file, '/');
    if (from->text.ptr[0] == '/' || slash < 0)
        return from->text.ptr;
    return arena_format(arena, "%.*s/%s", (int)slash, file.ptr, from->text.ptr);
}

static bool read_all(int fd, char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t n = read(fd, bytes + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0) {
            errno = EIO; /* it shrank while we read */
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

/** NULL, or why the file cannot be read. */
static const char *read_fd(int fd, struct arena *arena, struct slice *out)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return strerror(errno);
    if (!S_ISREG(st.st_mode))
        return "not a regular file";
    if (st.st_size > FILE_MAX_BYTES)
        return "larger than 512 MiB";
    size_t size = (size_t)st.st_size;
    char *bytes = arena_alloc(arena, size + 1);
    if (!read_all(fd, bytes, size))
        return strerror(errno);
    *out = slice_make(bytes, size);
    return NULL;
}

static const char *read_file(const char *path, struct arena *arena, struct slice *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not stop us */
    if (fd < 0)
        return strerror(errno);
    const char *error = read_fd(fd, arena, out);
    close(fd);
    return error;
}

/** The entry of a line. A "#" begins a comment at the start of a line or after a blank. */
static struct slice entry_of(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] == '#' && (i == 0 || line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t'))
            line.len = i;
    return slice_trim(line);
}

static void add_lines(struct policy_list *list, const char *path, struct slice text, struct arena *arena, struct conf_errors *errors)
{
    struct slice line;
    for (unsigned number = 1; slice_split(&text, '\n', &line); number++) {
        struct slice entry = entry_of(line);
        const char *error = slice_empty(entry) ? NULL : policy_list_add(list, entry, arena);
        if (error)
            conf_error_in(errors, path, number, (unsigned)(entry.ptr - line.ptr) + 1, "list \"%s\": \"%.*s\": %s", list->name,
                          SLICE_FMT(slice_first(entry, 100)), error);
    }
}

void policy_list_add_file(struct policy_list *list, const struct conf_node *from, struct arena *arena, struct conf_errors *errors)
{
    struct slice text;
    const char *path = resolve(from, arena);
    const char *error = read_file(path, arena, &text);
    if (error)
        conf_error_at(errors, from, "cannot read \"%s\": %s", path, error);
    else
        add_lines(list, path, text, arena, errors);
}
