#include "proxy/smtp/smtp_reply.h"

#include "proxy/smtp/sasl.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct smtp_reply_reader reader;

static void start(void)
{
    arena_free(&arena);
    arena = arena_new();
    smtp_reply_reader_init(&reader, arena);
}

static enum smtp_reply_status feed(const char *line)
{
    return smtp_reply_feed(&reader, slice_of(line));
}

static enum smtp_reply_status feed_alone(struct slice line)
{
    start();
    return smtp_reply_feed(&reader, line);
}

static void check_broken(const char *line)
{
    ck_assert_msg(feed_alone(slice_of(line)) == SMTP_REPLY_BROKEN, "\"%s\" is no reply", line);
}

static void check_text(int code, const char *text)
{
    ck_assert_int_eq(reader.reply.code, code);
    ck_assert_uint_eq(reader.reply.count, 1);
    ck_slice_eq(reader.reply.lines[0], text);
}

START_TEST(single_lines_with_and_without_text)
{
    ck_assert_int_eq(feed_alone(SLICE("250 2.0.0 ok")), SMTP_REPLY_COMPLETE);
    check_text(250, "2.0.0 ok");
    ck_assert_int_eq(feed_alone(SLICE("250")), SMTP_REPLY_COMPLETE);
    check_text(250, "");
    ck_assert_int_eq(feed_alone(SLICE("354 ")), SMTP_REPLY_COMPLETE);
    check_text(354, "");
    ck_assert_int_eq(feed_alone(SLICE("421 bye")), SMTP_REPLY_COMPLETE);
    ck_assert_int_eq(feed_alone(SLICE("200 x")), SMTP_REPLY_COMPLETE);
    ck_assert_int_eq(feed_alone(SLICE("559 x")), SMTP_REPLY_COMPLETE);
    arena_free(&arena);
}
END_TEST

START_TEST(several_lines_become_one_reply_and_go_out_as_they_came)
{
    start();
    ck_assert_int_eq(feed("550-5.1.1 no such user"), SMTP_REPLY_MORE);
    ck_assert_int_eq(feed("550-"), SMTP_REPLY_MORE);
    ck_assert_int_eq(feed("550- two  blanks "), SMTP_REPLY_MORE);
    ck_assert_int_eq(feed("550"), SMTP_REPLY_COMPLETE);
    ck_assert_uint_eq(reader.reply.count, 4);
    struct buf out = {0};
    smtp_reply_format(&reader.reply, &out);
    ck_slice_eq(buf_slice(&out), "550-5.1.1 no such user\r\n550-\r\n550- two  blanks \r\n550 \r\n");
    buf_release(&out);
    arena_free(&arena);
}
END_TEST

START_TEST(an_enhanced_code_without_reply_code_is_broken)
{
    check_broken("5.7.1");
    check_broken("5.7.1 text");
    arena_free(&arena);
}
END_TEST

START_TEST(codes_25_and_999_and_their_kin_are_broken)
{
    static const char *const lines[] = {"25",    "25 ok", "999 x",  "2500 ok", "199 x",   "100 x",           "600 x",
                                        "560 x", "299 x", "250x",   "250+ok",  "",        " 250 ok",         "2 5",
                                        "-50 x", "+50 x", "2\t0 x", "OK",      "250\tok", "HTTP/1.1 200 OK", "25O ok"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        check_broken(lines[i]);
    ck_assert_int_eq(feed_alone(SLICE("250\0ok")), SMTP_REPLY_BROKEN);
    arena_free(&arena);
}
END_TEST

START_TEST(a_short_line_is_not_read_beyond_its_end)
{
    for (size_t n = 0; n <= 4; n++) {
        char *exact = malloc(n ? n : 1); /* the address sanitizer watches its end */
        memcpy(exact, "250-", n);
        ck_assert_int_eq(feed_alone(slice_make(exact, n)), n < 3 ? SMTP_REPLY_BROKEN : n == 3 ? SMTP_REPLY_COMPLETE : SMTP_REPLY_MORE);
        smtp_reply_enhanced(slice_make(exact, n));
        free(exact);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(an_endless_250_dash_is_broken_at_its_limit)
{
    start();
    for (int i = 0; i < SMTP_REPLY_LINES_MAX; i++)
        ck_assert_int_eq(feed("250-again"), SMTP_REPLY_MORE);
    ck_assert_int_eq(feed("250-again"), SMTP_REPLY_BROKEN);
    start();
    for (int i = 1; i < SMTP_REPLY_LINES_MAX; i++)
        ck_assert_int_eq(feed("250-again"), SMTP_REPLY_MORE);
    ck_assert_int_eq(feed("250 at last"), SMTP_REPLY_COMPLETE);
    arena_free(&arena);
}
END_TEST

START_TEST(codes_that_differ_in_one_reply_are_broken)
{
    start();
    ck_assert_int_eq(feed("250-ok"), SMTP_REPLY_MORE);
    ck_assert_int_eq(feed("550 no"), SMTP_REPLY_BROKEN);
    start();
    ck_assert_int_eq(feed("250-ok"), SMTP_REPLY_MORE);
    ck_assert_int_eq(feed("251"), SMTP_REPLY_BROKEN);
    arena_free(&arena);
}
END_TEST

START_TEST(nothing_is_added_to_a_reply_that_is_over)
{
    start();
    ck_assert_int_eq(feed("250 ok"), SMTP_REPLY_COMPLETE);
    ck_assert_int_eq(feed("250 more"), SMTP_REPLY_BROKEN);
    ck_assert_uint_eq(reader.reply.count, 1);
    start();
    ck_assert_int_eq(feed("nonsense"), SMTP_REPLY_BROKEN);
    ck_assert_int_eq(feed("250 ok"), SMTP_REPLY_BROKEN);
    arena_free(&arena);
}
END_TEST

START_TEST(long_lines_are_cut_and_very_long_ones_broken)
{
    static char line[SMTP_REPLY_LINE_ACCEPTED + 1];
    memset(line, 'x', sizeof line);
    memcpy(line, "250 ", 4);
    ck_assert_int_eq(feed_alone(slice_make(line, SMTP_REPLY_LINE_ACCEPTED + 1)), SMTP_REPLY_BROKEN);
    ck_assert_int_eq(feed_alone(slice_make(line, SMTP_REPLY_LINE_ACCEPTED)), SMTP_REPLY_COMPLETE);
    struct buf out = {0};
    smtp_reply_format(&reader.reply, &out);
    ck_assert_uint_eq(out.len, SMTP_REPLY_LINE_MAX);
    ck_assert(slice_ends_nocase(buf_slice(&out), SLICE("xx\r\n")));
    buf_release(&out);
    arena_free(&arena);
}
END_TEST

START_TEST(bytes_that_are_not_printable_never_pass)
{
    ck_assert_int_eq(feed_alone(SLICE("550 a\0b\rc\nd\x1b[2J\xc3\xa4\te\x7f")), SMTP_REPLY_COMPLETE);
    ck_slice_eq(reader.reply.lines[0], "a?b?c?d?[2J?? e?");
    arena_free(&arena);
}
END_TEST

START_TEST(replies_of_ours_are_one_clean_line)
{
    struct buf out = {0};
    smtp_reply_make(&out, 550, "5.7.1", SLICE("no\r\n250 ok"));
    ck_slice_eq(buf_slice(&out), "550 5.7.1 no??250 ok\r\n");
    buf_clear(&out);
    smtp_reply_make(&out, 220, NULL, SLICE("mx.example ESMTP"));
    ck_slice_eq(buf_slice(&out), "220 mx.example ESMTP\r\n");
    buf_clear(&out);
    smtp_reply_make(&out, 451, "4.7.1\r\n", SLICE(""));
    ck_slice_eq(buf_slice(&out), "451 4.7.1?? \r\n");
    buf_clear(&out);
    char text[1000];
    memset(text, 'y', sizeof text);
    smtp_reply_make(&out, 550, "5.7.1", slice_make(text, sizeof text));
    ck_assert_uint_eq(out.len, SMTP_REPLY_LINE_MAX);
    ck_assert(slice_ends_nocase(buf_slice(&out), SLICE("y\r\n")));
    buf_release(&out);
}
END_TEST

START_TEST(enhanced_codes_are_found_only_where_they_are)
{
    ck_slice_eq(smtp_reply_enhanced(SLICE("5.7.1 text")), "5.7.1");
    ck_slice_eq(smtp_reply_enhanced(SLICE("2.0.0")), "2.0.0");
    ck_slice_eq(smtp_reply_enhanced(SLICE("4.123.456 x")), "4.123.456");
    static const char *const none[] = {"",     "5",       "5.7",    "5.7.",   "5.7.x",    "5.7.1x",   "3.1.1 x",  "1.1.1",
                                       "5..1", "5.7.1.2", " 5.7.1", "55.7.1", "5.1234.1", "5.1.1234", "5.07.1 x", "text 5.7.1"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_msg(smtp_reply_enhanced(slice_of(none[i])).len == 0, "\"%s\"", none[i]);
}
END_TEST

START_TEST(a_widened_reader_keeps_the_whole_challenge_and_takes_no_more)
{
    struct arena *own = arena_new();
    char line[SASL_LINE_MAX + 2] = "334 ";
    memset(line + 4, 'a', sizeof line - 4);
    for (int wide = 0; wide < 2; wide++) {
        struct smtp_reply_reader r;
        smtp_reply_reader_init(&r, own);
        if (wide)
            smtp_reply_reader_widen(&r);
        enum smtp_reply_status status = smtp_reply_feed(&r, slice_make(line, SASL_LINE_MAX));
        ck_assert_int_eq(status, wide ? SMTP_REPLY_COMPLETE : SMTP_REPLY_BROKEN);
        if (wide)
            ck_assert_uint_eq(r.reply.lines[0].len, SASL_LINE_MAX - 4);
        smtp_reply_reader_init(&r, own);
        if (wide)
            smtp_reply_reader_widen(&r);
        ck_assert_int_eq(smtp_reply_feed(&r, slice_make(line, SASL_LINE_MAX + 1)), SMTP_REPLY_BROKEN);
    }
    arena_free(&own);
}
END_TEST

UNIT_MAIN("proxy/smtp_reply", a_widened_reader_keeps_the_whole_challenge_and_takes_no_more, single_lines_with_and_without_text,
          several_lines_become_one_reply_and_go_out_as_they_came, an_enhanced_code_without_reply_code_is_broken,
          codes_25_and_999_and_their_kin_are_broken, a_short_line_is_not_read_beyond_its_end, an_endless_250_dash_is_broken_at_its_limit,
          codes_that_differ_in_one_reply_are_broken, nothing_is_added_to_a_reply_that_is_over, long_lines_are_cut_and_very_long_ones_broken,
          bytes_that_are_not_printable_never_pass, replies_of_ours_are_one_clean_line, enhanced_codes_are_found_only_where_they_are)
