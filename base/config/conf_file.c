/* conf_file: reads configurations from files and from text, and follows `include`. See conf_node.h.
 *
 * Only regular files are read: a pipe or a device would make the master wait when it is told to read its configuration again. */
#include "base/config/conf_node.h"
#include "base/config/conf_text.h"
#include "base/config/conf_unique.h"
#include "base/config/conf_yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES_MAX = 16 * 1024 * 1024, VALUES_MAX = 1000 * 1000, FILES_MAX = 256, INCLUDE_DEPTH_MAX = 8 };

/** What one conf_read_file shares over all files. */
struct reading {
    struct arena *arena;
    struct conf_errors *errors;
    size_t values_left, files_left;
};

/** One open file and, through from, those that include it. */
struct source {
    const struct source *from;
    const struct conf_node *wanted_by; /* the include entry; NULL: the main file */
    const char *path;
    unsigned depth;
    dev_t device;
    ino_t inode;
};

static void complain(struct reading *r, const struct source *s, const char *what)
{
    if (s->wanted_by)
        conf_error_at(r->errors, s->wanted_by, "%s %s", s->path, what);
    else
        conf_error_in(r->errors, s->path, 0, 0, "%s", what);
}

static bool is_circle(const struct source *s)
{
    for (const struct source *outer = s->from; outer; outer = outer->from)
        if (outer->device == s->device && outer->inode == s->inode)
            return true;
    return false;
}

/** What keeps an open file from being read, or NULL. */
static const char *refusal(int fd, struct source *s)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return strerror(errno);
    s->device = st.st_dev;
    s->inode = st.st_ino;
    if (S_ISDIR(st.st_mode))
        return "is a directory, not a file";
    if (!S_ISREG(st.st_mode))
        return "is no regular file";
    if (st.st_size > BYTES_MAX)
        return "is larger than 16 MiB";
    return is_circle(s) ? "includes itself, directly or through others" : NULL;
}

/** Reads to the end of file; the size from fstat is only a hint. */
static const char *read_all(int fd, struct buf *text)
{
    for (;;) {
        ssize_t n = read(fd, buf_reserve(text, 65536), 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return strerror(errno);
        if (n == 0)
            return NULL;
        text->len += (size_t)n;
        if (text->len > BYTES_MAX)
            return "is larger than 16 MiB";
    }
}

static bool read_source(struct reading *r, struct source *s, struct buf *text)
{
    int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        complain(r, s, arena_format(r->errors->arena, "cannot be read: %s", strerror(errno)));
        return false;
    }
    const char *what = refusal(fd, s);
    if (!what)
        what = read_all(fd, text);
    if (what)
        complain(r, s, what);
    close(fd);
    return !what;
}

static struct conf_node *parse(struct reading *r, struct slice text, const char *file)
{
    if (slice_starts(text, SLICE("\xef\xbb\xbf")))
        text = slice_skip(text, 3);
    if (!conf_text_check(text, file, r->errors))
        return NULL;
    return conf_yaml_parse(text, file, &r->values_left, r->arena, r->errors);
}

/** A path as the including file means it. */
static const char *beside(const char *including, struct slice path, struct arena *arena)
{
    ptrdiff_t slash = slice_last_index(slice_of(including), '/');
    if (path.ptr[0] == '/' || slash < 0)
        return arena_string(arena, path);
    return arena_format(arena, "%.*s%s", (int)slash + 1, including, path.ptr);
}

static bool read_into(struct reading *r, struct source *s, struct conf_node **out);

/** Reads one included file and adds its content to the mapping. */
static bool include_file(struct reading *r, const struct source *from, const struct conf_node *entry, struct conf_node *map)
{
    struct conf_node *other;
    if (entry->kind != CONF_SCALAR || entry->text.len == 0) {
        conf_error_at(r->errors, entry, "must be the path of a file");
        return false;
    }
    if (from->depth == INCLUDE_DEPTH_MAX || r->files_left == 0) {
        conf_error_at(r->errors, entry, "too many files include one another");
        return false;
    }
    struct source s = {from, entry, beside(from->path, entry->text, r->arena), from->depth + 1, 0, 0};
    if (!read_into(r, &s, &other))
        return false;
    if (other->kind != CONF_MAP) {
        conf_error_at(r->errors, other, "an included file must hold a mapping, not %s", conf_kind_name(other->kind));
        return false;
    }
    struct conf_node **last = &map->children;
    while (*last)
        last = &(*last)->next;
    for (*last = other->children; *last; last = &(*last)->next)
        (*last)->parent = map;
    map->count += other->count;
    return true;
}

/** Takes the include entry out of the mapping and returns it, or NULL. */
static struct conf_node *take_include(struct conf_node *map)
{
    if (map->kind != CONF_MAP)
        return NULL;
    for (struct conf_node **at = &map->children; *at; at = &(*at)->next) {
        struct conf_node *node = *at;
        if (!slice_eq(node->key, SLICE("include")))
            continue;
        *at = node->next;
        node->next = NULL;
        map->count--;
        return node;
    }
    return NULL;
}

static bool follow_includes(struct reading *r, const struct source *s, struct conf_node *map)
{
    struct conf_node *include = take_include(map);
    if (!include || conf_is_null(include))
        return true;
    bool good = true;
    const struct conf_node *entry = include->kind == CONF_LIST ? include->children : include;
    for (; entry; entry = entry == include ? NULL : entry->next)
        good = include_file(r, s, entry, map) && good;
    conf_unique(map, true, r->errors);
    return good;
}

static bool read_into(struct reading *r, struct source *s, struct conf_node **out)
{
    struct buf text = {0};
    *out = NULL;
    r->files_left--;
    bool good = read_source(r, s, &text);
    if (good)
        *out = parse(r, buf_slice(&text), arena_string(r->arena, slice_of(s->path)));
    buf_release(&text);
    return *out && follow_includes(r, s, *out);
}

struct conf_node *conf_read_file(const char *path, struct arena *arena, struct conf_errors *errors)
{
    struct reading r = {arena, errors, VALUES_MAX, FILES_MAX};
    struct source s = {.path = path};
    struct conf_node *root;
    return read_into(&r, &s, &root) ? root : NULL;
}

struct conf_node *conf_read_text(struct slice text, const char *name, struct arena *arena, struct conf_errors *errors)
{
    struct reading r = {arena, errors, VALUES_MAX, FILES_MAX};
    if (text.len > BYTES_MAX) {
        conf_error_in(errors, name, 0, 0, "is larger than 16 MiB");
        return NULL;
    }
    struct conf_node *root = parse(&r, text, arena_string(arena, slice_of(name)));
    struct conf_node *include = root ? take_include(root) : NULL;
    if (include && !conf_is_null(include) && (include->kind == CONF_SCALAR || include->count))
        conf_error_at_key(errors, include, "include works in files only");
    return root;
}
