#include "base/kv.h"
#include "base/log.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1024 * 1024 };

static char directory[64];
static struct kv *kv;

static const char *path_in(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void open_kv(size_t bytes)
{
    const char *error = "";
    if (!directory[0]) {
        strcpy(directory, "/tmp/mailweir-kv-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(directory));
    }
    kv = kv_open(directory, bytes, &error);
    ck_assert_msg(kv != NULL, "%s", error);
}

static void close_kv(void)
{
    static const char *const names[] = {"state.lmdb", "state.lmdb-lock", "state.lock", "state.lmdb.broken", "state.broken", "log"};
    kv_close(&kv);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(path_in(names[i]));
    rmdir(directory);
}

struct write {
    const char *text; /* NULL: only look */
    int64_t expires_ms;
    char seen[KV_VALUE_MAX + 1];
};

static bool exchange(void *ctx, struct slice current, struct kv_value *next)
{
    struct write *w = ctx;
    memcpy(w->seen, current.ptr, current.len);
    w->seen[current.len] = '\0';
    if (!w->text)
        return false;
    next->len = strlen(w->text);
    memcpy(next->bytes, w->text, next->len);
    next->expires_ms = w->expires_ms;
    return true;
}

static bool put(struct slice key, int64_t now_ms, const char *text, int64_t expires_ms)
{
    struct write w = {.text = text, .expires_ms = expires_ms};
    return kv_update(kv, key, now_ms, exchange, &w);
}

static const char *get(struct slice key, int64_t now_ms)
{
    static struct write w;
    w = (struct write){0};
    ck_assert(kv_update(kv, key, now_ms, exchange, &w));
    return w.seen;
}

START_TEST(values_are_kept_until_they_expire)
{
    open_kv(MIB);
    ck_assert(put(SLICE("a"), 1000, "first", 2000));
    ck_assert_str_eq(get(SLICE("a"), 1999), "first");
    ck_assert_str_eq(get(SLICE("a"), 2000), "");
    ck_assert(put(SLICE("a"), 1500, "a longer second one", 3000));
    ck_assert_str_eq(get(SLICE("a"), 2000), "a longer second one");
    ck_assert(put(SLICE("a"), 1500, "", 3000)); /* length 0 removes */
    ck_assert_str_eq(get(SLICE("a"), 1500), "");
    ck_assert_str_eq(get(SLICE("b"), 1500), "");
    close_kv();
}
END_TEST

START_TEST(values_survive_reopening)
{
    open_kv(MIB);
    ck_assert(put(SLICE("a"), 0, "kept", 5000));
    kv_close(&kv);
    open_kv(MIB);
    ck_assert_str_eq(get(SLICE("a"), 0), "kept");
    close_kv();
}
END_TEST

START_TEST(keys_of_any_length_work_and_differ)
{
    char key[2000];
    open_kv(MIB);
    memset(key, 'k', sizeof key);
    ck_assert(put(slice_make(key, KV_KEY_MAX), 0, "longest", 10));
    ck_assert(put(slice_make(key, KV_KEY_MAX + 1), 0, "longer", 10));
    ck_assert(put(slice_make(key, sizeof key), 0, "hashed", 10));
    ck_assert_str_eq(get(slice_make(key, KV_KEY_MAX), 0), "longest");
    ck_assert_str_eq(get(slice_make(key, KV_KEY_MAX + 1), 0), "longer");
    ck_assert_str_eq(get(slice_make(key, sizeof key), 0), "hashed");
    close_kv();
}
END_TEST

static bool too_large(void *ctx, struct slice current, struct kv_value *next)
{
    next->len = KV_VALUE_MAX + 1;
    return true;
}

START_TEST(what_cannot_be_stored_changes_nothing)
{
    open_kv(MIB);
    ck_assert(put(SLICE("a"), 0, "old", 10));
    ck_assert(!kv_update(kv, SLICE("a"), 0, too_large, NULL));
    ck_assert(!put(SLICE(""), 0, "no key", 10));
    ck_assert_str_eq(get(SLICE("a"), 0), "old");
    close_kv();
}
END_TEST

START_TEST(sweeping_removes_only_what_has_expired_bit_by_bit)
{
    char key[16];
    open_kv(4 * MIB);
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "key%04d", i);
        ck_assert(put(slice_of(key), 0, "value", i % 2 ? 100 : 1000));
    }
    size_t removed = 0, most = 0;
    for (int i = 0; i < 40; i++) {
        size_t n = kv_sweep(kv, 500, 50);
        removed += n;
        most = n > most ? n : most;
    }
    ck_assert_uint_eq(removed, 500);
    ck_assert_uint_le(most, 50);
    ck_assert_str_eq(get(SLICE("key0002"), 500), "value");
    ck_assert_uint_eq(kv_sweep(kv, 5000, 1000), 500);
    close_kv();
}
END_TEST

struct listing {
    char text[256];
};

static void list(void *ctx, struct slice key, struct slice value, int64_t expires_ms)
{
    struct listing *l = ctx;
    size_t at = strlen(l->text);
    snprintf(l->text + at, sizeof l->text - at, "%.*s=%.*s@%d ", SLICE_FMT(key), SLICE_FMT(value), (int)expires_ms);
}

START_TEST(listing_shows_live_entries_of_a_prefix)
{
    struct listing l = {""}, all = {""};
    open_kv(MIB);
    put(SLICE("rate:b"), 0, "2", 90);
    put(SLICE("rate:a"), 0, "1", 80);
    put(SLICE("rate:c"), 0, "3", 10);
    put(SLICE("grey:a"), 0, "x", 90);
    put(SLICE("ratf"), 0, "y", 90);
    kv_each(kv, SLICE("rate:"), 50, list, &l);
    ck_assert_str_eq(l.text, "rate:a=1@80 rate:b=2@90 ");
    kv_each(kv, SLICE(""), 50, list, &all);
    ck_assert_str_eq(all.text, "grey:a=x@90 rate:a=1@80 rate:b=2@90 ratf=y@90 ");
    close_kv();
}
END_TEST

/** Fills the store until it refuses; returns how many entries it took. */
static int fill(int64_t now_ms, int64_t expires_ms)
{
    char key[200], value[256];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    for (int i = 0; i < 100000; i++) {
        snprintf(key, sizeof key, "%0150d", i);
        if (!put(slice_of(key), now_ms, value, expires_ms))
            return i;
    }
    return 100000;
}

START_TEST(a_full_store_refuses_then_sweeps_itself)
{
    char key[200];
    open_kv(MIB);
    int taken = fill(1000, 5000);
    ck_assert_int_gt(taken, 500);
    ck_assert_int_lt(taken, 100000);
    snprintf(key, sizeof key, "%0150d", 3);
    ck_assert(put(slice_of(key), 1000, "changed", 5000)); /* what is there may still change */
    ck_assert_str_eq(get(slice_of(key), 1000), "changed");
    ck_assert(!put(SLICE("new"), 1000, "refused", 5000));
    ck_assert(put(SLICE("new"), 9000, "taken", 10000)); /* all others have expired by now */
    ck_assert_str_eq(get(SLICE("new"), 9000), "taken");
    ck_assert_int_gt(fill(20000, 30000), 500);
    close_kv();
}
END_TEST

static void overwrite(const char *name, off_t from, size_t len)
{
    char bytes[4096];
    memset(bytes, 0xa5, sizeof bytes);
    int fd = open(path_in(name), O_WRONLY);
    ck_assert_int_ge(fd, 0);
    for (size_t done = 0; done < len; done += sizeof bytes)
        ck_assert_int_eq(pwrite(fd, bytes, sizeof bytes, from + (off_t)done), sizeof bytes);
    close(fd);
}

START_TEST(a_store_with_a_broken_head_is_made_anew)
{
    open_kv(MIB);
    put(SLICE("a"), 0, "lost", 1000);
    kv_close(&kv);
    overwrite("state.lmdb", 0, 8192);
    open_kv(MIB);
    ck_assert_str_eq(get(SLICE("a"), 0), "");
    ck_assert(put(SLICE("a"), 0, "new", 1000));
    ck_assert_str_eq(get(SLICE("a"), 0), "new");
    ck_assert_int_eq(access(path_in("state.lmdb.broken"), F_OK), 0);
    close_kv();
}
END_TEST

START_TEST(a_store_with_broken_pages_is_made_anew)
{
    open_kv(4 * MIB);
    fill(0, 1000);
    kv_close(&kv);
    overwrite("state.lmdb", 3 * 4096, 2 * MIB);
    open_kv(4 * MIB);
    ck_assert_str_eq(get(SLICE("a"), 0), "");
    ck_assert(put(SLICE("a"), 0, "new", 1000));
    ck_assert_int_eq(access(path_in("state.lmdb.broken"), F_OK), 0);
    close_kv();
}
END_TEST

START_TEST(garbage_and_cut_files_are_made_anew)
{
    for (off_t size = 1; size < 100000; size = size * 7 + 1000) {
        open_kv(MIB);
        kv_close(&kv);
        ck_assert_int_eq(truncate(path_in("state.lmdb"), size), 0);
        overwrite("state.lmdb", 0, 4096);
        open_kv(MIB);
        ck_assert(put(SLICE("a"), 0, "new", 1000));
        ck_assert_str_eq(get(SLICE("a"), 0), "new");
        close_kv();
        directory[0] = '\0';
    }
}
END_TEST

START_TEST(a_store_marked_as_broken_is_replaced_and_others_follow)
{
    open_kv(MIB);
    struct kv *old = kv;
    put(SLICE("a"), 0, "old", 100000);
    FILE *mark = fopen(path_in("state.broken"), "we");
    fclose(mark);
    open_kv(MIB); /* as a restarted worker would */
    ck_assert_str_eq(get(SLICE("a"), 0), "");
    put(SLICE("a"), 0, "new", 100000);
    struct kv *young = kv;
    kv = old;
    ck_assert_str_eq(get(SLICE("a"), 0), "old");
    kv_sweep(kv, 10000, 1); /* notices that the file is another one now */
    ck_assert_str_eq(get(SLICE("a"), 10000), "new");
    kv_close(&young);
    close_kv();
}
END_TEST

/** Another process writes and ends. */
static void put_elsewhere(const char *key, const char *text)
{
    int status;
    pid_t other = fork();
    if (other == 0) {
        const char *error = "";
        kv = kv_open(directory, MIB, &error);
        _exit(kv && put(slice_of(key), 1000, text, 5000) ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(other, &status, 0), other);
    ck_assert_int_eq(status, 0);
}

static void change_note(const char *from, const char *to)
{
    char page[4096];
    int fd = open(path_in("state.lock"), O_RDWR);
    ck_assert_int_eq(pread(fd, page, sizeof page, 0), sizeof page);
    const char *at = memmem(page, sizeof page, from, strlen(from));
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(pwrite(fd, to, strlen(to), at - page), (ssize_t)strlen(to));
    close(fd);
}

/* What a kill inside LMDB's commit leaves: the number of the new transaction with the tree of the old one. Here the note is changed to what
 * a writer would have noted whose value is not there. */
START_TEST(a_commit_that_came_out_torn_is_noticed_by_the_next_writer)
{
    open_kv(MIB);
    ck_assert(put(SLICE("a"), 1000, "old", 5000));
    put_elsewhere("a", "new");
    ck_assert(put(SLICE("b"), 1000, "x", 5000));
    put_elsewhere("a", "newer");
    ck_assert_str_eq(get(SLICE("b"), 1000), "x");
    ck_assert_int_ne(access(path_in("state.lmdb.broken"), F_OK), 0);
    put_elsewhere("a", "newest");
    change_note("newest", "zzzest");
    ck_assert(put(SLICE("b"), 10000, "y", 50000));
    ck_assert_int_eq(access(path_in("state.lmdb.broken"), F_OK), 0);
    ck_assert_str_eq(get(SLICE("b"), 10000), "y");
    ck_assert_str_eq(get(SLICE("a"), 10000), "");
    close_kv();
}
END_TEST

START_TEST(an_impossible_place_is_an_error_with_the_reason)
{
    const char *error = NULL;
    ck_assert_ptr_null(kv_open("/proc/mailweir", MIB, &error));
    ck_assert_msg(strstr(error, "/proc/mailweir") != NULL, "%s", error);
}
END_TEST

START_TEST(a_larger_or_smaller_size_keeps_the_contents)
{
    open_kv(MIB);
    put(SLICE("a"), 0, "kept", 1000);
    struct kv *first = kv;
    open_kv(8 * MIB); /* while the first still runs, as after a reload */
    struct kv *second = kv;
    ck_assert_int_gt(fill(0, 1000), 5000);
    kv = first;
    ck_assert_str_eq(get(SLICE("a"), 0), "kept");
    ck_assert(put(SLICE("a"), 0, "KEPT", 1000));
    open_kv(MIB);
    ck_assert_str_eq(get(SLICE("a"), 0), "KEPT");
    ck_assert(!put(SLICE("new"), 0, "over this one's limit", 1000));
    kv_close(&first);
    kv_close(&second);
    close_kv();
}
END_TEST

/* Two numbers that every update keeps equal. */
struct twins {
    uint64_t a, b;
};

static bool add_one(void *ctx, struct slice current, struct kv_value *next)
{
    struct twins t = {0, 0};
    if (current.len == sizeof t)
        memcpy(&t, current.ptr, sizeof t);
    if (t.a != t.b)
        _exit(9);
    *(uint64_t *)ctx = ++t.a;
    t.b++;
    next->len = sizeof t;
    memcpy(next->bytes, &t, sizeof t);
    next->expires_ms = INT64_MAX;
    return true;
}

static pid_t start_writer(uint64_t updates)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    const char *error;
    uint64_t value;
    struct kv *mine = kv_open(directory, 4 * MIB, &error);
    if (!mine)
        _exit(8);
    for (uint64_t i = 0; i < updates; i++)
        if (!kv_update(mine, i % 2 ? SLICE("one") : SLICE("two"), 0, add_one, &value))
            _exit(7);
    kv_close(&mine);
    _exit(0);
}

START_TEST(no_update_of_several_processes_is_lost)
{
    enum { WRITERS = 4, UPDATES = 2000 };
    pid_t pids[WRITERS];
    uint64_t value = 0;
    open_kv(4 * MIB);
    kv_close(&kv);
    for (int i = 0; i < WRITERS; i++)
        pids[i] = start_writer(UPDATES);
    for (int i = 0; i < WRITERS; i++) {
        int status;
        waitpid(pids[i], &status, 0);
        ck_assert_int_eq(status, 0);
    }
    open_kv(4 * MIB);
    ck_assert(kv_update(kv, SLICE("one"), 0, add_one, &value));
    ck_assert_uint_eq(value, WRITERS * UPDATES / 2 + 1);
    close_kv();
}
END_TEST

START_TEST(killed_writers_leave_the_store_whole_and_free)
{
    uint64_t before = 0, after = 0;
    open_kv(4 * MIB);
    for (int round = 0; round < 30; round++) {
        pid_t pids[2] = {start_writer(UINT64_MAX), start_writer(UINT64_MAX)};
        usleep(3000 + (useconds_t)(round * 700));
        for (int i = 0; i < 2; i++) {
            int status;
            kill(pids[i], SIGKILL);
            waitpid(pids[i], &status, 0);
            ck_assert(WIFSIGNALED(status));
        }
        ck_assert(kv_update(kv, SLICE("one"), 0, add_one, &after)); /* exits if the twins differ */
        ck_assert_uint_gt(after, before);
        before = after;
    }
    ck_assert_uint_gt(after, 30);
    close_kv();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        values_are_kept_until_they_expire,
        values_survive_reopening,
        keys_of_any_length_work_and_differ,
        what_cannot_be_stored_changes_nothing,
        sweeping_removes_only_what_has_expired_bit_by_bit,
        listing_shows_live_entries_of_a_prefix,
        a_full_store_refuses_then_sweeps_itself,
        a_store_with_a_broken_head_is_made_anew,
        a_store_with_broken_pages_is_made_anew,
        garbage_and_cut_files_are_made_anew,
        a_store_marked_as_broken_is_replaced_and_others_follow,
        a_commit_that_came_out_torn_is_noticed_by_the_next_writer,
        an_impossible_place_is_an_error_with_the_reason,
        a_larger_or_smaller_size_keeps_the_contents,
        no_update_of_several_processes_is_lost,
        killed_writers_leave_the_store_whole_and_free,
    };
    const char *error;
    struct log_options quiet = {.to = "/dev/null"};
    log_open(&quiet, &error);
    int result = unit_run("base/kv", tests, sizeof tests / sizeof tests[0]);
    log_close();
    return result;
}
