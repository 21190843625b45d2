#include "proxy/offline/message_file.h"
#include "proxy/smtp/smtp_data.h"
#include "tests/unit/unit.h"

static struct buf wire;
static struct message_file about;

static const char *sent(const char *file)
{
    buf_clear(&wire);
    message_file_send(slice_of(file), &wire, &about);
    return wire.ptr;
}

START_TEST(lines_of_unix_are_sent_with_crlf)
{
    ck_assert_str_eq(sent("a: b\n\nbody\n"), "a: b\r\n\r\nbody\r\n.\r\n");
    ck_assert(about.converted && !about.completed);
}
END_TEST

START_TEST(lines_with_crlf_stay_as_they_are)
{
    ck_assert_str_eq(sent("a: b\r\n\r\nbody\r\n"), "a: b\r\n\r\nbody\r\n.\r\n");
    ck_assert(!about.converted && !about.completed && about.crlf == 3 && about.bare_lf == 0);
}
END_TEST

START_TEST(mixed_lines_stay_as_broken_as_they_are)
{
    ck_assert_str_eq(sent("a: b\r\n\nbody\r\n"), "a: b\r\n\nbody\r\n.\r\n");
    ck_assert(!about.converted && about.crlf == 2 && about.bare_lf == 1);
}
END_TEST

START_TEST(dots_are_stuffed_at_the_start_of_lines_only)
{
    ck_assert_str_eq(sent(".\n..\na.\n"), "..\r\n...\r\na.\r\n.\r\n");
    ck_assert_str_eq(sent("\r\n.\r\n"), "\r\n..\r\n.\r\n");
}
END_TEST

START_TEST(a_last_line_without_line_end_gets_one)
{
    ck_assert_str_eq(sent("a: b\n\nbody"), "a: b\r\n\r\nbody\r\n.\r\n");
    ck_assert(about.completed);
    ck_assert_str_eq(sent("body"), "body\r\n.\r\n");
    ck_assert(about.completed && !about.converted);
}
END_TEST

START_TEST(an_empty_file_is_an_empty_message)
{
    ck_assert_str_eq(sent(""), ".\r\n");
    ck_assert(!about.completed && !about.converted);
}
END_TEST

/* What the proxy reads from the wire is the file again. */
START_TEST(the_proxy_reads_the_file_again)
{
    static const char *const files[] = {"", "x\r\n", ".\r\n", "..\r\n.a\r\n\r\n.\r\n", "\r\n\r\n", "a\r\n.b\r\nc\r\n"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct smtp_data data;
        struct smtp_data_run run;
        struct buf text = {0};
        sent(files[i]);
        struct slice rest = buf_slice(&wire);
        smtp_data_init(&data, SMTP_NEWLINE_REJECT, 0);
        do {
            run = smtp_data_next(&data, rest);
            buf_add(&text, run.text);
            rest = slice_skip(rest, run.consumed);
        } while (!run.end && run.consumed);
        ck_assert(run.end && rest.len == 0 && data.violation == SMTP_DATA_CLEAN);
        ck_slice_eq(buf_slice(&text), files[i]);
        buf_release(&text);
    }
}
END_TEST

UNIT_MAIN("proxy/message_file", lines_of_unix_are_sent_with_crlf, lines_with_crlf_stay_as_they_are, mixed_lines_stay_as_broken_as_they_are,
          dots_are_stuffed_at_the_start_of_lines_only, a_last_line_without_line_end_gets_one, an_empty_file_is_an_empty_message,
          the_proxy_reads_the_file_again)
