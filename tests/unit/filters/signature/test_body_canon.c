#include "base/buf.h"
#include "filters/signature/body_canon.h"
#include "tests/unit/unit.h"

static void collect(void *ctx, struct slice piece)
{
    buf_add(ctx, piece);
}

static struct buf canonical(struct slice body, bool relaxed, size_t piece)
{
    struct buf out = {0};
    struct body_canon c;
    body_canon_init(&c, relaxed, collect, &out);
    for (; body.len; body = slice_skip(body, piece))
        body_canon_add(&c, slice_first(body, piece));
    body_canon_finish(&c);
    return out;
}

static void expect(const char *body, const char *simple, const char *relaxed)
{
    for (size_t piece = 1; piece <= strlen(body) + 1; piece++) {
        struct buf s = canonical(slice_of(body), false, piece), r = canonical(slice_of(body), true, piece);
        ck_slice_eq(buf_slice(&s), simple);
        ck_slice_eq(buf_slice(&r), relaxed);
        buf_release(&s);
        buf_release(&r);
    }
}

START_TEST(the_examples_of_the_rfc_hold)
{
    expect(" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"); /* RFC 6376 §3.4.5 */
}
END_TEST

START_TEST(an_empty_body_is_one_line_end_or_nothing)
{
    expect("", "\r\n", "");
    expect("\r\n", "\r\n", "");
    expect("\r\n\r\n\r\n", "\r\n", "");
    expect(" \t \r\n\r\n", " \t \r\n", "");
}
END_TEST

START_TEST(a_last_line_without_end_gets_one)
{
    expect("a", "a\r\n", "a\r\n");
    expect("a\r\nb ", "a\r\nb \r\n", "a\r\nb\r\n");
}
END_TEST

START_TEST(empty_lines_inside_stay)
{
    expect("\r\n\r\na\r\n \r\n\r\nb\r\n\t\r\n", "\r\n\r\na\r\n \r\n\r\nb\r\n\t\r\n", "\r\n\r\na\r\n\r\n\r\nb\r\n");
}
END_TEST

START_TEST(lone_line_end_bytes_are_bytes_like_others)
{
    expect("a\rb \r\r\nc\nd\r", "a\rb \r\r\nc\nd\r\r\n", "a\rb \r\r\nc\nd\r\r\n");
    expect(" \r", " \r\r\n", " \r\r\n");
}
END_TEST

START_TEST(a_long_body_comes_out_whole)
{
    struct buf body = {0};
    for (int i = 0; i < 3000; i++)
        buf_add_format(&body, "line %d is%*s long\r\n", i, i % 7 + 1, "x");
    struct buf once = canonical(buf_slice(&body), false, body.len), pieces = canonical(buf_slice(&body), false, 1000);
    ck_assert(slice_eq(buf_slice(&once), buf_slice(&body)));
    ck_assert(slice_eq(buf_slice(&pieces), buf_slice(&body)));
    struct buf relaxed = canonical(buf_slice(&body), true, body.len), again = canonical(buf_slice(&relaxed), true, 999);
    ck_assert_uint_lt(relaxed.len, body.len);
    ck_assert(slice_eq(buf_slice(&relaxed), buf_slice(&again)));
    buf_release(&body);
    buf_release(&once);
    buf_release(&pieces);
    buf_release(&relaxed);
    buf_release(&again);
}
END_TEST

/* As the RFC says it, of the whole body and line by line (§3.4.3, §3.4.4). */
static struct buf literal(struct slice body, bool relaxed)
{
    struct buf out = {0};
    size_t kept = 0;
    while (body.len) {
        const char *end = memmem(body.ptr, body.len, "\r\n", 2);
        struct slice line = end ? slice_first(body, (size_t)(end - body.ptr)) : body;
        body = slice_skip(body, line.len + 2);
        for (size_t i = 0; i < line.len; i++) {
            bool blank = relaxed && (line.ptr[i] == ' ' || line.ptr[i] == '\t');
            bool again = blank && i > 0 && (line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t');
            if (!again)
                buf_add_byte(&out, blank ? ' ' : line.ptr[i]);
        }
        if (relaxed && line.len && out.ptr[out.len - 1] == ' ')
            out.len--;
        buf_add_text(&out, "\r\n");
        if (out.len > 2 && !(out.len > 3 && memcmp(out.ptr + out.len - 4, "\r\n\r\n", 4) == 0))
            kept = out.len;
    }
    out.len = kept;
    if (!relaxed && kept == 0)
        buf_add_text(&out, "\r\n");
    return out;
}

static void compare(struct slice body, bool relaxed, size_t piece)
{
    struct buf ours = canonical(body, relaxed, piece), rfc = literal(body, relaxed);
    ck_assert_msg(slice_eq(buf_slice(&ours), buf_slice(&rfc)), "of \"%.*s\"", SLICE_FMT(body));
    buf_release(&ours);
    buf_release(&rfc);
}

START_TEST(random_bodies_come_out_as_the_rfc_says)
{
    static const char *const parts[] = {
        " ", "\t", "\r\n", "\r\n\r\n", "a", "text of some length", " \r\n", "x", "- ", "0123456789abcdef0123456789abcdef"};
    srand(1);
    for (int round = 0; round < 3000; round++) {
        struct buf body = {0};
        int kinds = 2 + rand() % 9;
        for (int n = rand() % 60; n > 0; n--)
            buf_add_text(&body, parts[rand() % kinds]);
        for (int relaxed = 0; relaxed < 2; relaxed++) {
            compare(buf_slice(&body), relaxed, 1 + (size_t)rand() % 100);
            compare(buf_slice(&body), relaxed, 100000);
        }
        buf_release(&body);
    }
}
END_TEST

UNIT_MAIN("filters/signature/body_canon", the_examples_of_the_rfc_hold, an_empty_body_is_one_line_end_or_nothing,
          a_last_line_without_end_gets_one, empty_lines_inside_stay, lone_line_end_bytes_are_bytes_like_others, a_long_body_comes_out_whole,
          random_bodies_come_out_as_the_rfc_says)
