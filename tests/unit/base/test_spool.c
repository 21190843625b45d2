#include "base/spool.h"
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { KIB = 1024 };

static char directory[] = "/tmp/mailweir-spool-XXXXXX";
static struct spool_pool pool;

static void open_pool(size_t per_message, size_t memory_total, uint64_t disk_total)
{
    if (strstr(directory, "XXXXXX"))
        ck_assert_ptr_nonnull(mkdtemp(directory));
    pool = (struct spool_pool){
        .directory = directory, .memory_per_message = per_message, .memory_total = memory_total, .disk_total = disk_total};
}

static void close_pool(void)
{
    ck_assert_uint_eq(pool.memory_used, 0);
    ck_assert_uint_eq(pool.disk_used, 0);
    ck_assert_int_eq(rmdir(directory), 0); /* nothing was left in it */
}

/** The byte that belongs at that offset. */
static char byte_at(uint64_t offset)
{
    return (char)(offset * 2654435761u >> 13);
}

static enum spool_status append(struct spool *s, size_t len)
{
    static char bytes[200 * KIB];
    for (size_t i = 0; i < len; i++)
        bytes[i] = byte_at(spool_size(s) + i);
    return spool_append(s, slice_make(bytes, len));
}

static void expect_bytes(struct spool *s, uint64_t offset, size_t max)
{
    struct slice got;
    ck_assert_int_eq(spool_read(s, offset, max, &got), SPOOL_OK);
    uint64_t left = spool_size(s) - offset, promised = left < max ? left : max;
    ck_assert_uint_le(got.len, max);
    ck_assert_uint_ge(got.len, promised < 64 * KIB ? promised : 64 * KIB);
    for (size_t i = 0; i < got.len; i++)
        ck_assert_int_eq(got.ptr[i], byte_at(offset + i));
}

static void expect_whole(struct spool *s)
{
    struct slice got;
    for (uint64_t at = 0; at < spool_size(s); at += got.len) {
        expect_bytes(s, at, 10000);
        ck_assert_int_eq(spool_read(s, at, 10000, &got), SPOOL_OK);
    }
    ck_assert_int_eq(spool_read(s, spool_size(s), 1, &got), SPOOL_OK);
    ck_assert_uint_eq(got.len, 0);
}

START_TEST(a_small_message_stays_in_memory)
{
    open_pool(64 * KIB, 1024 * KIB, 0);
    struct spool *s = spool_new(&pool);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(append(s, 77), SPOOL_OK);
    ck_assert_uint_eq(spool_size(s), 7700);
    ck_assert_uint_ge(pool.memory_used, 7700);
    ck_assert_uint_le(pool.memory_used, 64 * KIB);
    expect_whole(s);
    spool_free(&s);
    ck_assert_ptr_null(s);
    spool_free(&s);
    close_pool();
}
END_TEST

START_TEST(a_large_message_goes_to_a_file_and_frees_its_memory)
{
    open_pool(10000, 1024 * KIB, 10 * 1024 * KIB);
    struct spool *s = spool_new(&pool);
    for (size_t i = 0; i < 3000; i++)
        ck_assert_int_eq(append(s, i % 997), SPOOL_OK);
    ck_assert_uint_eq(pool.memory_used, 0);
    ck_assert_uint_eq(pool.disk_used, spool_size(s));
    expect_whole(s);
    spool_free(&s);
    close_pool();
}
END_TEST

START_TEST(pieces_of_any_size_keep_their_order)
{
    open_pool(100, 1024 * KIB, 10 * 1024 * KIB);
    struct spool *s = spool_new(&pool);
    static const size_t sizes[] = {99, 1, 1, 64 * KIB, 64 * KIB - 1, 2, 200 * KIB, 3, 65 * KIB};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        ck_assert_int_eq(append(s, sizes[i]), SPOOL_OK);
    expect_whole(s);
    spool_free(&s);
    close_pool();
}
END_TEST

START_TEST(reading_anywhere_and_going_on_writing)
{
    open_pool(100, 1024 * KIB, 10 * 1024 * KIB);
    struct spool *s = spool_new(&pool);
    append(s, 150 * KIB);
    expect_bytes(s, 140 * KIB, 100 * KIB);
    expect_bytes(s, 5, 100 * KIB);
    append(s, 10);
    append(s, 150 * KIB);
    expect_bytes(s, 150 * KIB, 20);
    append(s, 1);
    expect_bytes(s, 300 * KIB, SIZE_MAX);
    expect_whole(s);
    spool_free(&s);
    close_pool();
}
END_TEST

START_TEST(the_memory_of_a_worker_is_bounded_over_all_messages)
{
    open_pool(64 * KIB, 100 * KIB, 10 * 1024 * KIB);
    struct spool *s[4];
    for (int i = 0; i < 4; i++) {
        s[i] = spool_new(&pool);
        ck_assert_int_eq(append(s[i], 60 * KIB), SPOOL_OK);
        ck_assert_uint_le(pool.memory_used, 100 * KIB);
    }
    ck_assert_uint_eq(pool.disk_used, 3 * 60 * KIB);
    for (int i = 0; i < 4; i++) {
        expect_whole(s[i]);
        spool_free(&s[i]);
    }
    close_pool();
}
END_TEST

START_TEST(the_disk_of_a_worker_is_bounded)
{
    open_pool(KIB, 1024 * KIB, 100 * KIB);
    struct spool *first = spool_new(&pool), *second = spool_new(&pool), *third = spool_new(&pool);
    ck_assert_int_eq(append(first, 90 * KIB), SPOOL_OK);
    ck_assert_int_eq(append(second, 20 * KIB), SPOOL_FULL);
    spool_free(&second);
    ck_assert_int_eq(append(first, 11 * KIB), SPOOL_FULL);
    spool_free(&first);
    ck_assert_int_eq(append(third, 90 * KIB), SPOOL_OK); /* what was given back can be used */
    spool_free(&third);
    close_pool();
}
END_TEST

START_TEST(a_file_that_may_not_grow_is_full)
{
    open_pool(KIB, 1024 * KIB, 10 * 1024 * KIB);
    struct rlimit small = {64 * KIB, 64 * KIB};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct spool *s = spool_new(&pool);
    enum spool_status status = SPOOL_OK;
    for (int i = 0; i < 10 && status == SPOOL_OK; i++)
        status = append(s, 20 * KIB);
    ck_assert_int_eq(status, SPOOL_FULL);
    spool_free(&s);
    close_pool();
}
END_TEST

START_TEST(a_full_disk_noticed_late_is_told_by_the_first_read)
{
    open_pool(KIB, 1024 * KIB, 10 * 1024 * KIB);
    struct rlimit small = {64 * KIB, 64 * KIB};
    struct slice got;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct spool *s = spool_new(&pool);
    ck_assert_int_eq(append(s, 60 * KIB), SPOOL_OK);
    ck_assert_int_eq(append(s, 10 * KIB), SPOOL_OK);
    ck_assert_int_eq(spool_read(s, 0, 100, &got), SPOOL_FULL);
    spool_free(&s);
    close_pool();
}
END_TEST

START_TEST(a_missing_directory_is_an_error)
{
    open_pool(KIB, 1024 * KIB, 1024 * KIB);
    pool.directory = "/nonexistent/spool";
    struct spool *s = spool_new(&pool);
    ck_assert_int_eq(append(s, KIB), SPOOL_OK);
    ck_assert_int_eq(append(s, 1), SPOOL_ERROR);
    spool_free(&s);
    close_pool();
}
END_TEST

UNIT_MAIN("base/spool", a_small_message_stays_in_memory, a_large_message_goes_to_a_file_and_frees_its_memory,
          pieces_of_any_size_keep_their_order, reading_anywhere_and_going_on_writing, the_memory_of_a_worker_is_bounded_over_all_messages,
          the_disk_of_a_worker_is_bounded, a_file_that_may_not_grow_is_full, a_full_disk_noticed_late_is_told_by_the_first_read,
          a_missing_directory_is_an_error)
