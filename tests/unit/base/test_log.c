#include "base/log.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];
static char text[64 * 1024];

static void open_log(enum log_format format, enum log_level level)
{
    const char *error = "";
    strcpy(path, "/tmp/mailweir-log-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    struct log_options options = {.to = path, .format = format, .level = level};
    ck_assert_msg(log_open(&options, &error), "%s", error);
}

static const char *read_log(void)
{
    FILE *f = fopen(path, "re");
    ck_assert_ptr_nonnull(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void close_log(void)
{
    log_close();
    unlink(path);
}

/** What follows the pid, which is the last thing that differs from run to run. */
static const char *after_pid(const char *line)
{
    char pid[32];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    const char *at = strstr(line, pid);
    ck_assert_ptr_nonnull(at);
    return at + strlen(pid);
}

START_TEST(a_record_is_one_line_of_pairs)
{
    struct log_record r;
    open_log(LOG_FORMAT_LOGFMT, LOG_LEVEL_INFO);
    log_begin(&r, LOG_LEVEL_INFO, "decision");
    log_slice(&r, "helo", SLICE("a\r\nb"));
    log_number(&r, "size", -42);
    log_text(&r, "rule", "our relays");
    log_text(&r, "none", NULL);
    log_end(&r);
    const char *line = read_log();
    ck_assert_int_eq(strncmp(line, "time=20", 7), 0);
    ck_assert_int_eq(line[15], 'T');
    ck_assert_int_eq(strncmp(line + 28, "Z level=info pid=", 17), 0);
    ck_assert_str_eq(after_pid(line), " event=decision helo=\"a\\r\\nb\" size=-42 rule=\"our relays\" none=\"\"\n");
    close_log();
}
END_TEST

START_TEST(json_has_the_same_pairs)
{
    struct log_record r;
    open_log(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
    log_begin(&r, LOG_LEVEL_WARNING, "decision");
    log_number(&r, "size", 42);
    log_text(&r, "rule", "say \"no\"");
    log_end(&r);
    const char *line = read_log();
    ck_assert_int_eq(strncmp(line, "{\"time\":\"20", 11), 0);
    ck_assert_ptr_nonnull(strstr(line, "Z\",\"level\":\"warning\",\"pid\":"));
    ck_assert_str_eq(after_pid(line), ",\"event\":\"decision\",\"size\":42,\"rule\":\"say \\\"no\\\"\"}\n");
    close_log();
}
END_TEST

START_TEST(levels_below_the_set_one_are_silent)
{
    open_log(LOG_FORMAT_LOGFMT, LOG_LEVEL_WARNING);
    log_event(LOG_LEVEL_INFO, "quiet", "key", "value", NULL);
    log_event(LOG_LEVEL_DEBUG, "quiet", NULL);
    log_event(LOG_LEVEL_ERROR, "loud", "a", "1", "b", "2", NULL);
    ck_assert_str_eq(after_pid(read_log()), " event=loud a=1 b=2\n");
    close_log();
}
END_TEST

static void expect_cut(enum log_format format, const char *end)
{
    static char big[3 * LOG_RECORD_MAX];
    struct log_record r;
    memset(big, 1, sizeof big);
    open_log(format, LOG_LEVEL_INFO);
    log_begin(&r, LOG_LEVEL_INFO, "big");
    log_slice(&r, "subject", slice_make(big, sizeof big));
    for (int i = 0; i < 100; i++) {
        log_number(&r, "number", INT64_MIN);
        log_text(&r, "more", "text");
    }
    log_end(&r);
    log_event(LOG_LEVEL_INFO, "next", NULL);
    char *line = text;
    read_log();
    char *newline = strchr(line, '\n');
    ck_assert_ptr_nonnull(newline);
    size_t len = (size_t)(newline - line) + 1;
    ck_assert_uint_le(len, LOG_RECORD_MAX);
    ck_assert_uint_gt(len, LOG_RECORD_MAX - 100);
    ck_assert_int_eq(strncmp(newline + 1 - strlen(end), end, strlen(end)), 0);
    ck_assert_ptr_nonnull(strstr(newline, "next"));
    close_log();
}

START_TEST(a_record_that_is_too_long_is_cut_and_says_so)
{
    expect_cut(LOG_FORMAT_LOGFMT, "\\u0001\" truncated=yes\n");
    expect_cut(LOG_FORMAT_JSON, "\\u0001\",\"truncated\":\"yes\"}\n");
}
END_TEST

START_TEST(many_small_pairs_are_cut_too)
{
    struct log_record r;
    open_log(LOG_FORMAT_LOGFMT, LOG_LEVEL_INFO);
    log_begin(&r, LOG_LEVEL_INFO, "many");
    for (int i = 0; i < 5000; i++)
        log_number(&r, "n", i);
    log_end(&r);
    const char *line = read_log();
    ck_assert_uint_le(strlen(line), LOG_RECORD_MAX);
    ck_assert_str_eq(line + strlen(line) - 15, " truncated=yes\n");
    close_log();
}
END_TEST

START_TEST(two_records_may_be_open_at_once)
{
    struct log_record a, b;
    open_log(LOG_FORMAT_LOGFMT, LOG_LEVEL_INFO);
    log_begin(&a, LOG_LEVEL_INFO, "a");
    log_begin(&b, LOG_LEVEL_INFO, "b");
    log_text(&a, "k", "1");
    log_text(&b, "k", "2");
    log_end(&a);
    log_end(&b);
    const char *lines = read_log();
    const char *first = strstr(lines, "event=a k=1\n"), *second = strstr(lines, "event=b k=2\n");
    ck_assert(first && second && first < second);
    close_log();
}
END_TEST

START_TEST(after_rotation_a_new_file_is_written)
{
    char rotated[80];
    open_log(LOG_FORMAT_LOGFMT, LOG_LEVEL_INFO);
    snprintf(rotated, sizeof rotated, "%s.1", path);
    log_event(LOG_LEVEL_INFO, "old", NULL);
    ck_assert_int_eq(rename(path, rotated), 0);
    log_event(LOG_LEVEL_INFO, "still.old", NULL);
    log_reopen();
    log_event(LOG_LEVEL_INFO, "new", NULL);
    ck_assert_str_eq(after_pid(read_log()), " event=new\n");
    unlink(rotated);
    close_log();
}
END_TEST

START_TEST(a_file_that_root_makes_belongs_to_the_owner_and_one_that_exists_stays_as_it_is)
{
    struct stat st;
    bool root = geteuid() == 0;
    open_log(LOG_FORMAT_LOGFMT, LOG_LEVEL_INFO);
    log_set_owner(12345, 23456);
    log_reopen();
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_uid, geteuid());
    unlink(path);
    log_reopen();
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_uid, root ? 12345 : geteuid());
    ck_assert_uint_eq(st.st_gid, root ? 23456 : getegid());
    ck_assert_uint_eq(st.st_mode & 0137, 0);
    close_log();
}
END_TEST

START_TEST(a_bad_target_changes_nothing)
{
    const char *error = NULL;
    struct log_options missing = {.to = "/nonexistent/log"}, word = {.to = "stdout"};
    open_log(LOG_FORMAT_LOGFMT, LOG_LEVEL_INFO);
    ck_assert(!log_open(&missing, &error));
    ck_assert_ptr_nonnull(strstr(error, "No such file"));
    ck_assert(!log_open(&word, &error));
    log_event(LOG_LEVEL_INFO, "still.here", NULL);
    ck_assert_str_eq(after_pid(read_log()), " event=still.here\n");
    close_log();
}
END_TEST

UNIT_MAIN("base/log", a_record_is_one_line_of_pairs, json_has_the_same_pairs, levels_below_the_set_one_are_silent,
          a_record_that_is_too_long_is_cut_and_says_so, many_small_pairs_are_cut_too, two_records_may_be_open_at_once,
          after_rotation_a_new_file_is_written, a_file_that_root_makes_belongs_to_the_owner_and_one_that_exists_stays_as_it_is,
          a_bad_target_changes_nothing)
