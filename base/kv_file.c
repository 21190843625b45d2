/* kv_file: see kv_file.h. */
#include "base/kv_file.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, MODE = 0600, CHECK_SECONDS = 30 };
enum { BYTE_OPENING, BYTE_USING }; /* of the lock file */

static const char data_name[] = "state.lmdb", mark_name[] = "state.broken", lock_name[] = "state.lock";

static void path_of(const char *directory, const char *name, char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, "%s/%s", directory, name);
}

static int lock_byte(int fd, int byte, short type, bool wait)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    int result;
    do
        result = fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
    while (result != 0 && errno == EINTR);
    return result;
}

/** LMDB found its own data impossible and is about to abort: leave word for the next opening. */
static void on_assert(MDB_env *env, const char *text)
{
    char path[PATH_ROOM];
    path_of(mdb_env_get_userctx(env), mark_name, path);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, MODE);
    if (fd >= 0)
        close(fd);
    log_event(LOG_LEVEL_ERROR, "state.broken", "directory", mdb_env_get_userctx(env), "error", text, NULL);
}

static int open_database(MDB_env *env, MDB_dbi *dbi)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(env, NULL, 0, &txn);
    if (rc != 0)
        return rc;
    rc = mdb_dbi_open(txn, NULL, 0, dbi);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    return mdb_txn_commit(txn);
}

/** The map may not be smaller than the file: LMDB would cut it off under other processes. */
static size_t map_size(const char *path, size_t map_bytes)
{
    enum { LEAST = 1024 * 1024 };
    struct stat st;
    size_t size = map_bytes < LEAST ? LEAST : map_bytes;
    if (stat(path, &st) == 0 && st.st_size > 0 && (size_t)st.st_size > size)
        size = (size_t)st.st_size;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

/** Takes the disk space now: a mapped file that cannot grow any more would kill the writer with SIGBUS. */
static int reserve_space(MDB_env *env, size_t size)
{
    int fd;
    int rc = mdb_env_get_fd(env, &fd);
    if (rc != 0)
        return rc;
    if (fallocate(fd, 0, 0, (off_t)size) == 0 || errno == EOPNOTSUPP || errno == ENOSYS)
        return 0;
    return errno;
}

static int learn_inode(struct kv_file *f)
{
    struct stat st;
    int fd, rc = mdb_env_get_fd(f->env, &fd);
    if (rc == 0 && fstat(fd, &st) != 0)
        rc = errno;
    if (rc == 0)
        f->inode = st.st_ino;
    return rc;
}

static int open_env(struct kv_file *f)
{
    char path[PATH_ROOM];
    path_of(f->directory, data_name, path);
    size_t size = map_size(path, f->map_bytes);
    int rc = mdb_env_create(&f->env);
    if (rc != 0) {
        f->env = NULL;
        return rc;
    }
    mdb_env_set_userctx(f->env, f->directory);
    mdb_env_set_assert(f->env, on_assert);
    rc = mdb_env_set_mapsize(f->env, size);
    if (rc == 0)
        rc = mdb_env_open(f->env, path, MDB_NOSUBDIR | MDB_NOSYNC | MDB_WRITEMAP | MDB_NOTLS | MDB_NORDAHEAD | MDB_NOMEMINIT, MODE);
    if (rc == 0)
        rc = reserve_space(f->env, size);
    if (rc == 0)
        rc = open_database(f->env, &f->dbi);
    if (rc == 0)
        rc = learn_inode(f);
    if (rc != 0) {
        mdb_env_close(f->env);
        f->env = NULL;
    }
    return rc;
}

/** In the child: touches every page. */
static int walk_store(struct kv_file *f)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    MDB_stat st;
    size_t entries = 0;
    int rc = open_env(f);
    if (rc != 0 || (rc = mdb_txn_begin(f->env, NULL, MDB_RDONLY, &txn)) != 0)
        return rc;
    if ((rc = mdb_stat(txn, f->dbi, &st)) != 0 || (rc = mdb_cursor_open(txn, f->dbi, &cursor)) != 0)
        return rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
        if (++entries > st.ms_entries)
            return MDB_CORRUPTED;
    return rc == MDB_NOTFOUND && entries == st.ms_entries ? 0 : MDB_CORRUPTED;
}

static bool is_broken(int rc)
{
    return rc == MDB_INVALID || rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_VERSION_MISMATCH || rc == MDB_PANIC ||
           rc == MDB_INCOMPATIBLE || rc == MDB_BAD_TXN;
}

/** Whether a child process could read the whole store, or failed for a reason that is not the store's. */
static bool survives_check(struct kv_file *f)
{
    int status;
    pid_t child = fork();
    if (child < 0)
        return true;
    if (child == 0) {
        alarm(CHECK_SECONDS);
        _exit(is_broken(walk_store(f)) ? 1 : 0);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return true; /* somebody else has reaped it */
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/** Keeps one broken store for whoever wants to look at it. */
static void move_aside(const struct kv_file *f)
{
    char from[PATH_ROOM], to[PATH_ROOM];
    path_of(f->directory, data_name, from);
    path_of(f->directory, "state.lmdb.broken", to);
    if (rename(from, to) == 0)
        log_event(LOG_LEVEL_ERROR, "state.recreated", "moved_aside", to, NULL);
    path_of(f->directory, "state.lmdb-lock", from);
    unlink(from);
    path_of(f->directory, mark_name, from);
    unlink(from);
}

static bool is_marked(const struct kv_file *f)
{
    char path[PATH_ROOM];
    path_of(f->directory, mark_name, path);
    return access(path, F_OK) == 0;
}

static bool file_exists(const struct kv_file *f)
{
    char path[PATH_ROOM];
    path_of(f->directory, data_name, path);
    return access(path, F_OK) == 0;
}

/** With the lock for opening held. */
static int open_or_recreate(struct kv_file *f)
{
    if (is_marked(f))
        move_aside(f);
    int rc = open_env(f);
    if (is_broken(rc)) {
        move_aside(f);
        rc = open_env(f);
    }
    return rc;
}

/** With the lock for opening held, at the start of this process: the first one in checks the store for all. */
static int open_first(struct kv_file *f)
{
    bool alone = lock_byte(f->lock, BYTE_USING, F_WRLCK, false) == 0;
    if (alone && file_exists(f) && !is_marked(f) && !survives_check(f))
        move_aside(f);
    int rc = open_or_recreate(f);
    lock_byte(f->lock, BYTE_USING, F_RDLCK, false);
    return rc;
}

bool kv_file_open(struct kv_file *f, const char *directory, size_t map_bytes, const char **error)
{
    static char text[256];
    char path[PATH_ROOM];
    *f = (struct kv_file){.lock = -1, .map_bytes = map_bytes};
    f->directory = strcpy(mem_alloc(strlen(directory) + 1), directory);
    path_of(directory, lock_name, path);
    if (mkdir(directory, 0700) == 0 || errno == EEXIST)
        f->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, MODE);
    int rc = f->lock < 0 ? errno : 0;
    if (rc == 0)
        f->note = kv_note_map(f->lock);
    if (rc == 0 && lock_byte(f->lock, BYTE_OPENING, F_WRLCK, true) != 0)
        rc = errno;
    if (rc == 0) {
        rc = open_first(f);
        lock_byte(f->lock, BYTE_OPENING, F_UNLCK, false);
    }
    if (rc == 0)
        return true;
    snprintf(text, sizeof text, "%.150s: %s", directory, mdb_strerror(rc));
    *error = text;
    kv_file_close(f);
    return false;
}

void kv_file_close(struct kv_file *f)
{
    if (f->env)
        mdb_env_close(f->env);
    kv_note_unmap(f->note);
    if (f->lock >= 0)
        close(f->lock);
    mem_free(f->directory);
    *f = (struct kv_file){.lock = -1};
}

bool kv_file_is_stale(const struct kv_file *f)
{
    char path[PATH_ROOM];
    struct stat ours, named;
    int fd;
    path_of(f->directory, data_name, path);
    if (!f->env || mdb_env_get_fd(f->env, &fd) != 0 || fstat(fd, &ours) != 0)
        return true;
    return stat(path, &named) != 0 || named.st_ino != ours.st_ino || named.st_dev != ours.st_dev;
}

bool kv_file_reopen(struct kv_file *f, bool broken)
{
    if (lock_byte(f->lock, BYTE_OPENING, F_WRLCK, false) != 0)
        return false; /* never wait here: others may be walking through the store */
    if (broken && !kv_file_is_stale(f))
        move_aside(f);
    if (f->env)
        mdb_env_close(f->env);
    f->env = NULL;
    int rc = open_or_recreate(f);
    lock_byte(f->lock, BYTE_OPENING, F_UNLCK, false);
    if (rc != 0)
        log_event(LOG_LEVEL_ERROR, "state.unusable", "directory", f->directory, "error", mdb_strerror(rc), NULL);
    return rc == 0;
}
