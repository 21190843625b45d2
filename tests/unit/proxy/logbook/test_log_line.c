#include "base/log.h"
#include "proxy/logbook/log_line.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

enum { KEYS = 6, VALUE_MAX = 40 };

static const char *const keys[KEYS] = {"rule", "helo", "client.ip", "header.Subject", "reply", "x"};
static char text[LOG_RECORD_MAX + 100];
static struct arena *arena;

/** One record as base/log writes it. */
static struct slice write_record(enum log_format format, const struct slice *values)
{
    char path[] = "/tmp/mailweir-line-XXXXXX";
    const char *error;
    struct log_record r;
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    struct log_options options = {.to = path, .format = format, .level = LOG_LEVEL_INFO};
    ck_assert(log_open(&options, &error));
    log_begin(&r, LOG_LEVEL_INFO, "decision");
    for (size_t i = 0; i < KEYS; i++)
        log_slice(&r, keys[i], values[i]);
    log_number(&r, "ms", -12);
    log_end(&r);
    log_close();
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    unlink(path);
    ck_assert_int_gt(n, 0);
    return slice_make(text, (size_t)n);
}

static struct log_line parse(struct slice line)
{
    struct log_line out;
    ck_assert_msg(log_line_parse(line, arena, &out), "%.*s", SLICE_FMT(line));
    return out;
}

static void check_values(const struct log_line *line, const struct slice *values)
{
    ck_assert(!line->cut);
    for (size_t i = 0; i < KEYS; i++)
        ck_assert_msg(slice_eq(log_line_get(line, keys[i]), values[i]), "%s in %s", keys[i], text);
    ck_slice_eq(log_line_get(line, "ms"), "-12");
    ck_assert(log_line_is(line, "event", "decision"));
}

/** Bytes of every kind; clean: whole UTF-8 characters only, deceptive ones too. */
static struct slice random_value(char *out, bool clean)
{
    static const char *const pieces[] = {"a",       "=", " ",        "\"",     "\\",     "\n", "\t", "\x01",  "\x7f", "\\x41",
                                         "\\u0041", "é", "\xc2\x85", "\u202e", "\u2028", "日", "😀",  "time=", "{\"",  ","};
    size_t len = 0, pick = sizeof pieces / sizeof pieces[0];
    while (len + 8 < VALUE_MAX && random() % 8) {
        if (!clean && random() % 4 == 0) {
            out[len++] = (char)random();
            continue;
        }
        const char *piece = pieces[(size_t)random() % pick];
        memcpy(out + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return slice_make(out, len);
}

static void round_trips(enum log_format format, bool clean)
{
    srandom(3);
    for (int round = 0; round < 400; round++) {
        char room[KEYS][VALUE_MAX];
        struct slice values[KEYS];
        for (size_t i = 0; i < KEYS; i++)
            values[i] = random_value(room[i], clean);
        arena = arena_new();
        struct log_line line = parse(write_record(format, values));
        check_values(&line, values);
        arena_free(&arena);
    }
}

START_TEST(logfmt_reads_back_any_bytes)
{
    round_trips(LOG_FORMAT_LOGFMT, false);
}
END_TEST

START_TEST(json_reads_back_any_text)
{
    round_trips(LOG_FORMAT_JSON, true);
}
END_TEST

START_TEST(in_json_a_byte_that_is_no_text_stays_spelt_out)
{
    const struct slice values[KEYS] = {SLICE("a\xff"), SLICE(""), SLICE(""), SLICE(""), SLICE(""), SLICE("")};
    arena = arena_new();
    struct log_line line = parse(write_record(LOG_FORMAT_JSON, values));
    ck_slice_eq(log_line_get(&line, "rule"), "a\\xff");
    arena_free(&arena);
}
END_TEST

START_TEST(a_nul_byte_reads_back_in_both)
{
    const struct slice values[KEYS] = {SLICE("a\0b"), SLICE(""), SLICE("\0"), SLICE(""), SLICE(""), SLICE("")};
    arena = arena_new();
    struct log_line line = parse(write_record(LOG_FORMAT_JSON, values));
    check_values(&line, values);
    line = parse(write_record(LOG_FORMAT_LOGFMT, values));
    check_values(&line, values);
    arena_free(&arena);
}
END_TEST

START_TEST(what_syslog_puts_in_front_is_skipped)
{
    arena = arena_new();
    struct log_line line =
        parse(SLICE("Nov 22 20:00:00 mx mailweir[12]: time=2026-11-22T20:00:00.000Z level=info event=decision helo=\"a b\"\n"));
    ck_slice_eq(log_line_get(&line, "time"), "2026-11-22T20:00:00.000Z");
    ck_slice_eq(log_line_get(&line, "helo"), "a b");
    ck_assert_ptr_null(log_line_get(&line, "mx").ptr);
    line = parse(SLICE("<22>mx mailweir: {\"time\":\"2026\",\"event\":\"decision\",\"size\":12,\"odd\":[1],\"none\":null}"));
    ck_assert(log_line_number(&line, "size") == 12);
    ck_assert_ptr_null(log_line_get(&line, "odd").ptr);
    arena_free(&arena);
}
END_TEST

START_TEST(a_line_that_was_cut_keeps_its_whole_pairs)
{
    arena = arena_new();
    struct log_line line = parse(SLICE("time=1 event=decision helo=\"abc d"));
    ck_assert(line.cut);
    ck_assert(log_line_is(&line, "event", "decision"));
    ck_assert_ptr_null(log_line_get(&line, "helo").ptr);
    line = parse(SLICE("time=1 event=decision helo=x truncated=yes"));
    ck_assert(line.cut);
    arena_free(&arena);
}
END_TEST

START_TEST(a_record_too_long_for_the_log_reads_back_as_cut)
{
    static char big[LOG_RECORD_MAX];
    memset(big, 'x', sizeof big);
    const struct slice values[KEYS] = {SLICE("r"), slice_make(big, sizeof big), SLICE("y"), SLICE("y"), SLICE("y"), SLICE("y")};
    for (int format = 0; format < 2; format++) {
        arena = arena_new();
        struct log_line line = parse(write_record((enum log_format)format, values));
        ck_assert(line.cut);
        ck_slice_eq(log_line_get(&line, "rule"), "r");
        arena_free(&arena);
    }
}
END_TEST

START_TEST(other_lines_are_none_of_ours)
{
    static const char *const lines[] = {
        "",
        "hello",
        "time=1",
        "time=1 level=info",
        "runtime=1 event=x",
        "time=1 event=x =y",
        "time=1 event=x helo=\"a\"b",
        "time=1 event=x helo=\"\\q\"",
        "time=1 event=x helo=\"\\u12\"",
        "time=1 event=x helo=\"\\ud800\"",
        "time=1 event=x two  spaces",
        "{\"time\":\"1\"",
        "{\"time\":\"1\"}",
        "[{\"event\":\"x\"}]",
        "{\"event\":{\"x\":\"y\"}}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct log_line line;
        arena = arena_new();
        ck_assert_msg(!log_line_parse(slice_of(lines[i]), arena, &line), "%s", lines[i]);
        arena_free(&arena);
    }
}
END_TEST

UNIT_MAIN("proxy/logbook/log_line", logfmt_reads_back_any_bytes, json_reads_back_any_text, in_json_a_byte_that_is_no_text_stays_spelt_out,
          a_nul_byte_reads_back_in_both, what_syslog_puts_in_front_is_skipped, a_line_that_was_cut_keeps_its_whole_pairs,
          a_record_too_long_for_the_log_reads_back_as_cut, other_lines_are_none_of_ours)
