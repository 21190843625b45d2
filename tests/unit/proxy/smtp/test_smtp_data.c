#include "proxy/smtp/smtp_data.h"
#include "tests/unit/proxy/smtp/data_reference.h"
#include "tests/unit/unit.h"

/* Pieces: first, then step bytes each. */
struct pieces {
    size_t first, step;
};

static size_t next_piece(void *ctx)
{
    struct pieces *p = ctx;
    size_t n = p->first ? p->first : p->step;
    p->first = 0;
    return n;
}

static struct data_outcome run_pieces(struct slice input, enum smtp_newline_mode mode, size_t line_max, size_t first, size_t step)
{
    struct data_outcome o = {0};
    struct pieces p = {first, step};
    data_run(input, mode, line_max, next_piece, &p, &o);
    return o;
}

static struct data_outcome run_whole(struct slice input, enum smtp_newline_mode mode)
{
    return run_pieces(input, mode, 0, input.len, 1);
}

static void check_same(const struct data_outcome *expected, struct data_outcome actual, struct slice input, size_t first, size_t step)
{
    ck_assert_msg(data_outcome_same(expected, &actual), "input of %zu bytes, first piece %zu, then %zu: differs from the reference",
                  input.len, first, step);
    data_outcome_release(&actual);
}

static void check_wire(const struct data_outcome *o)
{
    struct buf plain = {0};
    data_unstuff(buf_slice(&o->wire), &plain);
    ck_assert(slice_eq(buf_slice(&plain), buf_slice(&o->text)));
    ck_assert(!data_has_lax_end(buf_slice(&o->wire)));
    ck_assert(o->wire.len == 0 || slice_ends_nocase(buf_slice(&o->wire), SLICE("\r\n")));
    buf_release(&plain);
}

/* Against the reference: whole, at every split in two, and byte by byte. */
static void check_every_split(struct slice input, enum smtp_newline_mode mode, size_t line_max)
{
    struct data_outcome expected = {0};
    data_reference(input, mode, line_max, &expected);
    ck_assert(expected.end);
    for (size_t first = 1; first <= input.len; first++)
        check_same(&expected, run_pieces(input, mode, line_max, first, input.len), input, first, input.len);
    check_same(&expected, run_pieces(input, mode, line_max, 1, 1), input, 1, 1);
    if (!expected.violation)
        check_wire(&expected);
    data_outcome_release(&expected);
}

static const struct {
    const char *name;
    struct slice bytes;
} smuggled[] = {
    {"LF . LF", {"\n.\n", 3}},
    {"LF . CRLF", {"\n.\r\n", 4}},
    {"LF . CR", {"\n.\r", 3}},
    {"CR . CR", {"\r.\r", 3}},
    {"CR . LF", {"\r.\n", 3}},
    {"CR . CRLF", {"\r.\r\n", 4}},
    {"CRLF . LF", {"\r\n.\n", 4}},
    {"CRLF . CR", {"\r\n.\r", 4}},
    {"CRLF NUL . CRLF", {"\r\n\0.\r\n", 6}},
    {"CRLF . NUL CRLF", {"\r\n.\0\r\n", 6}},
    {"CR NUL LF . CRLF", {"\r\0\n.\r\n", 6}},
    {"CRLF . CR NUL LF", {"\r\n.\r\0\n", 6}},
    {"CRCRLF . CRLF", {"\r\r\n.\r\r\n", 7}},
    {"CRLF . CRCRLF", {"\r\n.\r\r\n", 6}},
    {"CRLFLF . CRLF", {"\r\n\n.\r\n", 6}},
    {"LFCR . LFCR", {"\n\r.\n\r", 5}},
    {"CRLFCR . CRLF", {"\r\n\r.\r\n", 6}},
};

static struct slice smuggling_attempt(struct buf *out, struct slice end)
{
    buf_clear(out);
    buf_add_text(out, "Subject: one\r\n\r\nbody");
    buf_add(out, end);
    buf_add_text(out, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: two\r\n\r\nx\r\n.\r\n");
    return buf_slice(out);
}

START_TEST(cve_2023_51764_no_variant_ends_the_data_at_any_split)
{
    struct buf input = {0};
    for (size_t i = 0; i < sizeof smuggled / sizeof smuggled[0]; i++) {
        struct slice s = smuggling_attempt(&input, smuggled[i].bytes);
        for (size_t first = 1; first <= s.len; first++) {
            struct data_outcome o = run_pieces(s, SMTP_NEWLINE_REJECT, 0, first, s.len);
            ck_assert_msg(o.end && o.consumed == s.len, "%s, split at %zu, ended at %zu", smuggled[i].name, first, o.consumed);
            ck_assert_msg(o.violation != SMTP_DATA_CLEAN, "%s, split at %zu, passed for clean", smuggled[i].name, first);
            data_outcome_release(&o);
        }
        check_every_split(s, SMTP_NEWLINE_REJECT, 0);
    }
    buf_release(&input);
}
END_TEST

START_TEST(cve_2023_51764_normalized_variants_are_one_message_for_the_laxest_backend)
{
    struct buf input = {0};
    for (size_t i = 0; i < sizeof smuggled / sizeof smuggled[0]; i++) {
        struct slice s = smuggling_attempt(&input, smuggled[i].bytes);
        bool nul = memchr(smuggled[i].bytes.ptr, 0, smuggled[i].bytes.len) != NULL;
        struct data_outcome o = run_whole(s, SMTP_NEWLINE_NORMALIZE);
        ck_assert_msg(o.end && o.consumed == s.len, "%s ended at %zu", smuggled[i].name, o.consumed);
        ck_assert_msg((o.violation == SMTP_DATA_NUL) == nul, "%s: violation %d", smuggled[i].name, (int)o.violation);
        ck_assert_msg(!data_has_lax_end(buf_slice(&o.wire)), "%s: a lax backend sees an end", smuggled[i].name);
        ck_assert(nul || o.repaired);
        check_every_split(s, SMTP_NEWLINE_NORMALIZE, 0);
        data_outcome_release(&o);
    }
    buf_release(&input);
}
END_TEST

START_TEST(every_short_input_does_as_the_reference_at_every_split)
{
    static const char alphabet[] = {'\r', '\n', '.', 'a', '\0'};
    enum { LETTERS = sizeof alphabet, LONGEST = 6 };
    char input[LONGEST + 5];
    for (size_t n = 0, count = 1; n <= LONGEST; n++, count *= LETTERS) {
        for (size_t word = 0; word < count; word++) {
            for (size_t i = 0, left = word; i < n; i++, left /= LETTERS)
                input[i] = alphabet[left % LETTERS];
            memcpy(input + n, "\r\n.\r\n", 5);
            check_every_split(slice_make(input, n + 5), SMTP_NEWLINE_REJECT, 0);
            check_every_split(slice_make(input, n + 5), SMTP_NEWLINE_NORMALIZE, 0);
            check_every_split(slice_make(input, n + 5), SMTP_NEWLINE_NORMALIZE, 2);
        }
    }
}
END_TEST

START_TEST(clean_lines_pass_unchanged_and_stuffed_dots_leave_the_text)
{
    struct slice input = SLICE("a: b\r\n\r\n..\r\n.x\r\n...y\r\nz.\r\n.\r\nQUIT\r\n");
    struct data_outcome o = run_whole(input, SMTP_NEWLINE_REJECT);
    ck_assert(o.end && !o.violation && !o.repaired);
    ck_slice_eq(buf_slice(&o.wire), "a: b\r\n\r\n..\r\n.x\r\n...y\r\nz.\r\n");
    ck_slice_eq(buf_slice(&o.text), "a: b\r\n\r\n.\r\nx\r\n..y\r\nz.\r\n");
    ck_slice_eq(slice_skip(input, o.consumed), "QUIT\r\n");
    data_outcome_release(&o);
}
END_TEST

START_TEST(a_dot_at_once_is_an_empty_message)
{
    struct data_outcome o = run_whole(SLICE(".\r\n"), SMTP_NEWLINE_REJECT);
    ck_assert(o.end && !o.violation);
    ck_assert_uint_eq(o.wire.len, 0);
    ck_assert_uint_eq(o.consumed, 3);
    data_outcome_release(&o);
}
END_TEST

START_TEST(nothing_is_read_behind_the_final_dot)
{
    struct smtp_data d;
    smtp_data_init(&d, SMTP_NEWLINE_REJECT, 0);
    struct slice input = SLICE(".\r\nMAIL");
    while (input.len) {
        struct smtp_data_run run = smtp_data_next(&d, input);
        input = slice_skip(input, run.consumed);
        if (run.end)
            break;
    }
    ck_slice_eq(input, "MAIL");
    struct smtp_data_run again = smtp_data_next(&d, input);
    ck_assert(again.end);
    ck_assert_uint_eq(again.consumed, 0);
    ck_assert_uint_eq(again.wire.len + again.text.len, 0);
}
END_TEST

START_TEST(normalized_newlines_become_crlf_and_dots_behind_them_are_stuffed)
{
    struct data_outcome o = run_whole(SLICE("a\nb\rc\n.\n..d\n.\r\ne\r\n.\nf\r\n.\r\n"), SMTP_NEWLINE_NORMALIZE);
    ck_assert(o.end && !o.violation && o.repaired);
    ck_slice_eq(buf_slice(&o.text), "a\r\nb\r\nc\r\n.\r\n..d\r\n.\r\ne\r\n.\r\nf\r\n");
    ck_slice_eq(buf_slice(&o.wire), "a\r\nb\r\nc\r\n..\r\n...d\r\n..\r\ne\r\n..\r\nf\r\n");
    data_outcome_release(&o);
}
END_TEST

START_TEST(violations_are_told_apart_and_the_first_one_stays)
{
    struct {
        struct slice input;
        enum smtp_data_violation violation;
    } cases[] = {
        {SLICE("a\nb\rc\r\n.\r\n"), SMTP_DATA_BARE_LF},
        {SLICE("a\rb\nc\r\n.\r\n"), SMTP_DATA_BARE_CR},
        {SLICE("a\0b\nc\r\n.\r\n"), SMTP_DATA_NUL},
        {SLICE("01234567890\nc\r\n.\r\n"), SMTP_DATA_LONG_LINE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct data_outcome o = run_pieces(cases[i].input, SMTP_NEWLINE_REJECT, 10, cases[i].input.len, 1);
        ck_assert_int_eq(o.violation, cases[i].violation);
        ck_assert(o.end);
        ck_assert_uint_gt(strlen(smtp_data_violation_text(o.violation)), 0);
        data_outcome_release(&o);
    }
    ck_assert_str_eq(smtp_data_violation_text(SMTP_DATA_CLEAN), "");
}
END_TEST

START_TEST(nothing_goes_out_behind_a_violation)
{
    struct data_outcome o = run_whole(SLICE("one\r\ntwo\nthree\r\nfour\r\n.\r\n"), SMTP_NEWLINE_REJECT);
    ck_slice_eq(buf_slice(&o.wire), "one\r\ntwo");
    ck_slice_eq(buf_slice(&o.text), "one\r\ntwo");
    data_outcome_release(&o);
}
END_TEST

START_TEST(line_limit_counts_text_without_newline_and_stuffed_dot)
{
    struct data_outcome o = run_pieces(SLICE("0123456789\r\n..23456789A\r\n.\r\n"), SMTP_NEWLINE_REJECT, 10, 100, 1);
    ck_assert_int_eq(o.violation, SMTP_DATA_CLEAN);
    data_outcome_release(&o);
    check_every_split(SLICE("0123456789\r\n..23456789A\r\n.\r\n"), SMTP_NEWLINE_REJECT, 10);
    o = run_pieces(SLICE("0123456789A\r\n.\r\n"), SMTP_NEWLINE_REJECT, 10, 100, 1);
    ck_assert_int_eq(o.violation, SMTP_DATA_LONG_LINE);
    data_outcome_release(&o);
}
END_TEST

/* A message of lines of 0..700 bytes, some with dots: longer than any look-ahead. */
static void add_long_message(struct buf *out)
{
    for (size_t i = 0; i < 120; i++) {
        size_t length = i * i * 31 % 701;
        if (i % 9 == 0)
            buf_add_text(out, "..");
        for (size_t n = 0; n < length; n++)
            buf_add_byte(out, (char)('!' + (i + n) % 90));
        buf_add_text(out, "\r\n");
    }
    buf_add_text(out, ".\r\n");
}

START_TEST(long_lines_pass_whole_at_any_piece_size)
{
    struct buf input = {0};
    add_long_message(&input);
    struct slice s = buf_slice(&input);
    struct data_outcome expected = {0};
    data_reference(s, SMTP_NEWLINE_REJECT, 998, &expected);
    ck_assert(!expected.violation);
    check_wire(&expected);
    for (size_t step = 1; step < 700; step++)
        check_same(&expected, run_pieces(s, SMTP_NEWLINE_REJECT, 998, 1 + step / 3, step), s, 1 + step / 3, step);
    data_outcome_release(&expected);
    buf_release(&input);
}
END_TEST

START_TEST(clean_mail_comes_in_long_runs)
{
    struct buf input = {0};
    for (size_t i = 0; i < 200; i++)
        buf_add_text(&input, "A line of text such as mail is made of, of some seventy columns or so.\r\n");
    struct smtp_data d;
    smtp_data_init(&d, SMTP_NEWLINE_REJECT, 998);
    struct smtp_data_run run = smtp_data_next(&d, buf_slice(&input));
    ck_assert_uint_eq(run.consumed, input.len);
    ck_assert_ptr_eq(run.wire.ptr, input.ptr);
    ck_assert_ptr_eq(run.text.ptr, input.ptr);
    buf_release(&input);
}
END_TEST

UNIT_MAIN("proxy/smtp_data", cve_2023_51764_no_variant_ends_the_data_at_any_split,
          cve_2023_51764_normalized_variants_are_one_message_for_the_laxest_backend, every_short_input_does_as_the_reference_at_every_split,
          clean_lines_pass_unchanged_and_stuffed_dots_leave_the_text, a_dot_at_once_is_an_empty_message,
          nothing_is_read_behind_the_final_dot, normalized_newlines_become_crlf_and_dots_behind_them_are_stuffed,
          violations_are_told_apart_and_the_first_one_stays, nothing_goes_out_behind_a_violation,
          line_limit_counts_text_without_newline_and_stuffed_dot, long_lines_pass_whole_at_any_piece_size, clean_mail_comes_in_long_runs)
