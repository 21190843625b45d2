#include "proxy/logbook/log_files.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static char path[2][64];
static char seen[200];

static void write_file(int which, const char *bytes, size_t len)
{
    strcpy(path[which], "/tmp/mailweir-files-XXXXXX");
    int fd = mkstemp(path[which]);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void note(void *ctx, const struct log_line *line)
{
    struct slice n = log_line_get(line, "n");
    strncat(seen, n.ptr ? n.ptr : "?", n.len);
    strcat(seen, " ");
}

START_TEST(files_are_read_in_order_and_other_lines_counted)
{
    static const char first[] = "time=1 event=x n=1\nnoise\ntime=1 event=x n=2\n", second[] = "time=1 event=x n=3\r\ntime=1 event=x n=4";
    const char *failed, *const paths[] = {path[0], path[1], NULL};
    struct log_files_read read;
    write_file(0, first, sizeof first - 1);
    write_file(1, second, sizeof second - 1);
    ck_assert(log_files_read(paths, note, NULL, &read, &failed));
    ck_assert_str_eq(seen, "1 2 3 4 ");
    ck_assert_uint_eq(read.lines, 5);
    ck_assert_uint_eq(read.foreign, 1);
    unlink(path[0]);
    unlink(path[1]);
}
END_TEST

START_TEST(lines_across_any_border_and_endless_lines_do_no_harm)
{
    enum { SIZE = 400 * 1024 };
    char *bytes = malloc(SIZE);
    const char *failed, *const paths[] = {path[0], NULL};
    struct log_files_read read;
    size_t at = 0;
    for (int i = 0; i < 3; i++) { /* each a long value that ends at some place in a block, then a line beyond all bounds */
        at += (size_t)sprintf(bytes + at, "time=1 event=x n=%d pad=", i);
        memset(bytes + at, 'p', 40000);
        at += 40000;
        bytes[at++] = '\n';
    }
    memset(bytes + at, 'z', 200 * 1024);
    at += 200 * 1024;
    at += (size_t)sprintf(bytes + at, "\ntime=1 event=x n=9\n");
    write_file(0, bytes, at);
    free(bytes);
    ck_assert(log_files_read(paths, note, NULL, &read, &failed));
    ck_assert_str_eq(seen, "0 1 2 9 ");
    ck_assert_uint_eq(read.lines, 5);
    ck_assert_uint_eq(read.foreign, 1);
    unlink(path[0]);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
    const char *failed, *const paths[] = {"/nonexistent/log", NULL};
    struct log_files_read read;
    ck_assert(!log_files_read(paths, note, NULL, &read, &failed));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_str_eq(failed, "/nonexistent/log");
}
END_TEST

UNIT_MAIN("proxy/logbook/log_files", files_are_read_in_order_and_other_lines_counted, lines_across_any_border_and_endless_lines_do_no_harm,
          a_missing_file_is_named)
