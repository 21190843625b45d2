#include "base/stats_page.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct stats_def old_defs[] = {{"kept", STATS_COUNTER}, {"gone", STATS_COUNTER}, {"open", STATS_GAUGE}};
static const struct stats_def new_defs[] = {{"open", STATS_GAUGE}, {"fresh", STATS_COUNTER}, {"kept", STATS_COUNTER}};

static char directory[64], path[80];

static void make_directory(void)
{
    strcpy(directory, "/tmp/mailweir-stats-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/status", directory);
}

/** Nothing but what is expected may be left: this fails if it is not empty. */
static void remove_directory(void)
{
    ck_assert_int_eq(rmdir(directory), 0);
}

static struct stats_page *make(const struct stats_def *defs, size_t slots)
{
    const char *error;
    const struct stats_file file = {.path = path};
    struct stats_page *page = stats_page_new(&file, defs, 3, slots, &error);
    ck_assert_msg(!error, "%s", error ? error : "");
    return page;
}

/** As another process sees it. */
static uint64_t value_of(const char *name)
{
    struct arena *arena = arena_new();
    struct stats_view view;
    const char *error;
    uint64_t value = UINT64_MAX;
    ck_assert(stats_view_read(path, arena, &view, &error));
    for (size_t i = 0; i < view.count; i++)
        if (strcmp(view.totals[i].name, name) == 0)
            value = view.totals[i].value;
    arena_free(&arena);
    return value;
}

START_TEST(two_processes_count_and_a_third_reads)
{
    make_directory();
    struct stats_page *page = make(old_defs, 2);
    ck_assert(stats_page_publish(page, 1000, getpid()));
    for (size_t slot = 0; slot < 2; slot++) {
        uint64_t *counters = stats_page_claim(page, slot);
        pid_t child = fork();
        if (child == 0) {
            for (int i = 0; i < 100000; i++)
                stats_add(&counters[0], 1);
            _exit(0);
        }
        ck_assert_int_gt(child, 0);
    }
    while (wait(NULL) > 0)
        ;
    ck_assert_uint_eq(value_of("kept"), 200000);
    ck_assert_uint_eq(value_of("gone"), 0);
    stats_page_free(&page);
    remove_directory();
}
END_TEST

START_TEST(counts_outlive_a_writer_that_is_killed_but_gauges_do_not)
{
    make_directory();
    struct stats_page *page = make(old_defs, 1);
    stats_page_publish(page, 1000, getpid());
    uint64_t *counters = stats_page_claim(page, 0);
    pid_t child = fork();
    if (child == 0) {
        stats_add(&counters[0], 7);
        stats_add(&counters[2], 3);
        kill(getpid(), SIGKILL);
    }
    stats_page_set_writer(page, 0, child, 5);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_uint_eq(value_of("open"), 3);
    stats_page_set_writer(page, 0, 0, 0);
    ck_assert_uint_eq(value_of("open"), 0);
    ck_assert_uint_eq(value_of("kept"), 7);
    stats_add(&stats_page_claim(page, 0)[0], 1);
    ck_assert_uint_eq(value_of("kept"), 8);
    stats_page_free(&page);
    remove_directory();
}
END_TEST

START_TEST(the_view_names_owner_and_writers)
{
    struct arena *arena = arena_new();
    struct stats_view view;
    const char *error;
    make_directory();
    struct stats_page *page = make(old_defs, 2);
    stats_page_set_writer(page, 1, 4711, 99);
    stats_page_publish(page, 1000, 42);
    ck_assert(stats_view_read(path, arena, &view, &error));
    ck_assert_int_eq(view.owner, 42);
    ck_assert(view.since_ms == 1000 && view.published_ms > 1000);
    ck_assert_uint_eq(view.writer_count, 2);
    ck_assert_int_eq(view.writers[0].pid, 0);
    ck_assert_int_eq(view.writers[1].pid, 4711);
    ck_assert_int_eq(view.totals[2].kind, STATS_GAUGE);
    stats_page_free(&page);
    ck_assert(!stats_view_read(path, arena, &view, &error));
    arena_free(&arena);
    remove_directory();
}
END_TEST

START_TEST(the_next_page_goes_on_with_counts_of_the_same_name)
{
    make_directory();
    struct stats_page *old = make(old_defs, 1);
    stats_page_publish(old, 1000, getpid());
    uint64_t *counters = stats_page_claim(old, 0);
    stats_add(&counters[0], 10);
    stats_add(&counters[1], 5);
    stats_add(&counters[2], 2);
    struct stats_page *page = make(new_defs, 2);
    const struct stats_page *others[] = {old};
    stats_page_inherit(page, old);
    stats_page_carry(page, others, 1);
    ck_assert_uint_eq(value_of("gone"), 5); /* the old one still stands there */
    ck_assert(stats_page_publish(page, 1000, getpid()));
    stats_page_yield(old, page);
    ck_assert_uint_eq(value_of("kept"), 10);
    ck_assert_uint_eq(value_of("gone"), UINT64_MAX);
    ck_assert_uint_eq(value_of("open"), 2);
    stats_add(&counters[0], 1); /* a session that drains */
    stats_page_carry(page, others, 1);
    ck_assert_uint_eq(value_of("kept"), 11);
    stats_page_retire(page, old);
    stats_page_free(&old);
    stats_page_carry(page, others, 0);
    stats_add(&stats_page_claim(page, 1)[2], 100);
    ck_assert_uint_eq(value_of("kept"), 111);
    ck_assert_uint_eq(value_of("open"), 0);
    struct stats_page *third = make(old_defs, 1);
    const struct stats_page *second[] = {page};
    stats_page_inherit(third, page);
    stats_page_carry(third, second, 1);
    stats_page_publish(third, 1000, getpid());
    stats_page_yield(page, third);
    stats_page_free(&page);
    ck_assert_uint_eq(value_of("kept"), 111);
    stats_page_free(&third);
    remove_directory();
}
END_TEST

START_TEST(a_page_at_another_path_takes_the_old_file_away)
{
    make_directory();
    struct stats_page *old = make(old_defs, 1);
    stats_page_publish(old, 1, getpid());
    char first[sizeof path];
    strcpy(first, path);
    snprintf(path, sizeof path, "%s/other", directory);
    struct stats_page *page = make(old_defs, 1);
    stats_page_publish(page, 1, getpid());
    stats_page_yield(old, page);
    ck_assert_int_ne(access(first, F_OK), 0);
    stats_page_free(&old);
    ck_assert_uint_eq(value_of("kept"), 0);
    stats_page_free(&page);
    remove_directory();
}
END_TEST

START_TEST(a_page_that_was_never_published_leaves_nothing)
{
    make_directory();
    struct stats_page *page = make(old_defs, 1);
    stats_page_free(&page);
    remove_directory();
}
END_TEST

START_TEST(without_a_file_counting_goes_on)
{
    const char *error;
    const struct stats_file none = {.path = NULL}, impossible = {.path = "/dev/null/status"};
    struct stats_page *page = stats_page_new(&none, old_defs, 3, 1, &error);
    ck_assert_ptr_null(error);
    stats_add(&stats_page_claim(page, 0)[0], 1);
    ck_assert(stats_page_publish(page, 1, getpid()));
    stats_page_free(&page);
    page = stats_page_new(&impossible, old_defs, 3, 1, &error);
    ck_assert_ptr_nonnull(strstr(error, "/dev/null/status: Not a directory"));
    stats_add(&stats_page_claim(page, 0)[0], 1);
    stats_page_free(&page);
}
END_TEST

START_TEST(a_spoilt_file_is_refused)
{
    char bytes[4096];
    struct stats_view view;
    const char *error;
    make_directory();
    struct stats_page *page = make(old_defs, 2);
    stats_page_publish(page, 1, getpid());
    int fd = open(path, O_RDONLY);
    ssize_t size = read(fd, bytes, sizeof bytes);
    ck_assert_int_gt(size, 0);
    close(fd);
    stats_page_free(&page);
    srandom(11);
    for (int round = 0; round < 300; round++) {
        char copy[sizeof bytes];
        size_t len = round % 2 ? (size_t)random() % (size_t)size : (size_t)size;
        memcpy(copy, bytes, sizeof copy);
        for (int i = 0; i < 4; i++)
            copy[random() % (round % 4 ? 160 : size)] = (char)random();
        FILE *f = fopen(path, "we");
        ck_assert_uint_eq(fwrite(copy, 1, len, f), len);
        fclose(f);
        struct arena *arena = arena_new();
        if (stats_view_read(path, arena, &view, &error)) {
            ck_assert_uint_eq(len, (size_t)size);
            for (size_t i = 0; i < view.count; i++)
                ck_assert_uint_lt(strlen(view.totals[i].name), (size_t)size);
        }
        arena_free(&arena);
    }
    unlink(path);
    remove_directory();
}
END_TEST

/** As another process reads it. */
static struct slice note_of(struct arena *arena)
{
    struct stats_view view;
    const char *error;
    ck_assert(stats_view_read(path, arena, &view, &error));
    return view.note;
}

START_TEST(a_note_stands_beside_the_counters_and_the_next_takes_its_place)
{
    make_directory();
    struct arena *arena = arena_new();
    struct stats_page *page = make(old_defs, 2);
    ck_assert(stats_page_publish(page, 1000, getpid()));
    ck_assert_uint_eq(note_of(arena).len, 0);
    stats_page_note(page, SLICE("the first, which is longer\n"));
    ck_slice_eq(note_of(arena), "the first, which is longer\n");
    stats_page_note(page, SLICE("the second\n"));
    ck_slice_eq(note_of(arena), "the second\n");
    stats_page_free(&page);
    remove_directory();
    arena_free(&arena);
}
END_TEST

START_TEST(a_note_that_is_too_long_is_cut_behind_a_line)
{
    enum { LINE = 1000 };
    make_directory();
    struct arena *arena = arena_new();
    struct stats_page *page = make(old_defs, 1);
    char *text = arena_alloc(arena, 100 * LINE);
    memset(text, 'x', 100 * LINE);
    for (size_t i = LINE - 1; i < 100 * LINE; i += LINE)
        text[i] = '\n';
    ck_assert(stats_page_publish(page, 1000, getpid()));
    stats_page_note(page, slice_make(text, 100 * LINE));
    struct slice note = note_of(arena);
    ck_assert_uint_gt(note.len, 20 * LINE);
    ck_assert_uint_eq(note.len % LINE, 0);
    stats_page_free(&page);
    remove_directory();
    arena_free(&arena);
}
END_TEST

START_TEST(a_note_is_never_read_while_it_changes)
{
    make_directory();
    struct arena *arena = arena_new();
    struct stats_page *page = make(old_defs, 1);
    ck_assert(stats_page_publish(page, 1000, getpid()));
    pid_t child = fork();
    if (child == 0)
        for (unsigned i = 0;; i++) {
            char text[20000];
            memset(text, 'a' + (int)(i % 26), sizeof text);
            stats_page_note(page, slice_make(text, 1000 + i % 19000));
        }
    for (int i = 0; i < 500; i++) {
        struct slice note = note_of(arena);
        for (size_t n = 1; n < note.len; n++)
            ck_assert_int_eq(note.ptr[n], note.ptr[0]);
        arena_clear(arena);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    stats_page_free(&page);
    remove_directory();
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("base/stats_page", two_processes_count_and_a_third_reads, a_note_stands_beside_the_counters_and_the_next_takes_its_place,
          a_note_that_is_too_long_is_cut_behind_a_line, a_note_is_never_read_while_it_changes,
          counts_outlive_a_writer_that_is_killed_but_gauges_do_not, the_view_names_owner_and_writers,
          the_next_page_goes_on_with_counts_of_the_same_name, a_page_at_another_path_takes_the_old_file_away,
          a_page_that_was_never_published_leaves_nothing, without_a_file_counting_goes_on, a_spoilt_file_is_refused)
