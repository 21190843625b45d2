#include "proxy/smtp/smtp_chunk.h"

#include "base/buf.h"
#include "tests/unit/unit.h"

/* The form of DATA of text that came in two chunks, cut at `at`. */
static struct buf stuff(struct slice text, size_t at)
{
    struct smtp_chunk c = {0};
    struct buf out = {0};
    struct slice parts[] = {slice_first(text, at), slice_skip(text, at)};
    for (size_t i = 0; i < 2; i++)
        while (parts[i].len) {
            bool dot;
            struct slice run = smtp_chunk_next(&c, &parts[i], &dot);
            ck_assert_uint_gt(run.len, 0);
            if (dot)
                buf_add_byte(&out, '.');
            buf_add(&out, run);
        }
    buf_add(&out, smtp_chunk_end(&c));
    return out;
}

static void becomes(const char *text, const char *wire)
{
    for (size_t at = 0; at <= strlen(text); at++) {
        struct buf out = stuff(slice_of(text), at);
        ck_assert_msg(slice_eq(buf_slice(&out), slice_of(wire)), "cut at %zu: \"%s\"", at, out.ptr);
        buf_release(&out);
    }
}

START_TEST(dots_at_the_start_of_lines_are_doubled_wherever_chunks_are_cut)
{
    becomes("", ".\r\n");
    becomes("a\r\n", "a\r\n.\r\n");
    becomes(".\r\n", "..\r\n.\r\n");
    becomes("a\r\n.\r\nMAIL FROM:<x@y>\r\n", "a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n");
    becomes("a.b\r\n..\r\n.c\r\n", "a.b\r\n...\r\n..c\r\n.\r\n");
    becomes("\r\n\r\n.\r\n", "\r\n\r\n..\r\n.\r\n");
}
END_TEST

START_TEST(only_crlf_begins_a_line)
{
    becomes("a\n.\r\n", "a\n.\r\n.\r\n");
    becomes("a\r.\r\n", "a\r.\r\n.\r\n");
    becomes("a\r\r\n.\r\n", "a\r\r\n..\r\n.\r\n");
}
END_TEST

START_TEST(a_last_line_without_end_gets_one)
{
    becomes("a", "a\r\n.\r\n");
    becomes("a\r\n.", "a\r\n..\r\n.\r\n");
    becomes("a\n", "a\n\r\n.\r\n");
    becomes("a\r", "a\r\r\n.\r\n");
}
END_TEST

UNIT_MAIN("proxy/smtp_chunk", dots_at_the_start_of_lines_are_doubled_wherever_chunks_are_cut, only_crlf_begins_a_line,
          a_last_line_without_end_gets_one)
