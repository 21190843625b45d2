#include "proxy/smtp/message.h"
#include "proxy/smtp/smtp_data.h"
#include "tests/unit/unit.h"

/* What a message gave: fields as "name|value\n", body, events. */
struct seen {
    struct arena *arena;
    struct message m;
    struct buf fields, body, wire;
    int ends, fields_behind_end, spaced;
};

static struct seen seen;

static void on_field(void *ctx, const struct mail_header *field)
{
    struct seen *s = ctx;
    buf_add(&s->fields, field->name);
    buf_add_byte(&s->fields, '|');
    buf_add(&s->fields, field->value);
    buf_add_byte(&s->fields, '\n');
    ck_assert(slice_starts(field->raw, field->name));
    ck_assert_ptr_eq(field->value.ptr + field->value.len, field->raw.ptr + field->raw.len);
    s->spaced += field->space_before_colon;
    s->fields_behind_end += s->ends;
}

static void on_end(void *ctx)
{
    struct seen *s = ctx;
    s->ends++;
}

static void release(void)
{
    arena_free(&seen.arena);
    buf_release(&seen.fields);
    buf_release(&seen.body);
    buf_release(&seen.wire);
    memset(&seen, 0, sizeof seen);
}

static void start(size_t header_max, size_t fields_max)
{
    release();
    seen.arena = arena_new();
    message_init(&seen.m, seen.arena, "mx.example.net", header_max, fields_max, on_field, on_end, &seen);
}

/* Sends what stands behind DATA, in pieces of step bytes. */
static void send_steps(struct slice input, size_t step)
{
    struct smtp_data d;
    smtp_data_init(&d, SMTP_NEWLINE_REJECT, 0);
    for (bool end = false; input.len && !end;) {
        struct slice piece = slice_first(input, step);
        input = slice_skip(input, piece.len);
        while (piece.len && !end) {
            struct smtp_data_run run = smtp_data_next(&d, piece);
            buf_add(&seen.wire, run.wire);
            buf_add(&seen.body, message_feed(&seen.m, run.wire, run.text));
            piece = slice_skip(piece, run.consumed);
            end = run.end;
        }
    }
    ck_assert_int_eq(d.violation, SMTP_DATA_CLEAN);
    buf_add(&seen.body, message_finish(&seen.m));
    ck_assert_int_eq(seen.ends, 1);
    ck_assert_int_eq(seen.fields_behind_end, 0);
}

static void send_bytes(struct slice input, size_t step)
{
    start(10000, 100);
    send_steps(input, step);
}

/* The same at any split. */
static void check(struct slice input, const char *fields, const char *body)
{
    for (size_t step = input.len; step > 0; step--) {
        send_bytes(input, step);
        ck_slice_eq(buf_slice(&seen.fields), fields);
        ck_slice_eq(buf_slice(&seen.body), body);
    }
}

/* The spool without the forged ranges. */
static struct slice without_forged(struct buf *out)
{
    uint64_t at = 0;
    buf_clear(out);
    for (const struct message_field *r = seen.m.fields; r; r = r->next) {
        if (!r->forged)
            continue;
        ck_assert_uint_ge(r->offset, at);
        ck_assert_uint_le(r->offset + r->length, seen.wire.len);
        buf_add(out, slice_make(seen.wire.ptr + at, r->offset - at));
        at = r->offset + r->length;
    }
    buf_add(out, slice_skip(buf_slice(&seen.wire), at));
    return buf_slice(out);
}

static void check_kept(struct slice input, const char *kept)
{
    struct buf out = {0};
    for (size_t step = input.len; step > 0; step--) {
        send_bytes(input, step);
        ck_slice_eq(without_forged(&out), kept);
    }
    buf_release(&out);
}

START_TEST(fields_and_body_at_any_split)
{
    check(SLICE("From: a@b\r\nSubject: one\r\n two\r\n\tthree\r\nX:\r\n\r\nbody\r\n\r\n..end\r\n.\r\n"),
          "From| a@b\nSubject| one\r\n two\r\n\tthree\nX|\n", "body\r\n\r\n.end\r\n");
    ck_assert_uint_eq(seen.m.field_count, 3);
    ck_assert_uint_eq(seen.m.from_count, 1);
    ck_assert(!seen.m.malformed);
    ck_assert(!seen.m.too_large);
    release();
}
END_TEST

START_TEST(a_message_without_body_or_without_header)
{
    check(SLICE("From: a@b\r\n.\r\n"), "From| a@b\n", "");
    check(SLICE("From: a@b\r\n\r\n.\r\n"), "From| a@b\n", "");
    check(SLICE("\r\nbody\r\n.\r\n"), "", "body\r\n");
    ck_assert(!seen.m.malformed);
    check(SLICE(".\r\n"), "", "");
    release();
}
END_TEST

START_TEST(a_line_that_is_no_field_begins_the_body)
{
    check(SLICE("From: a@b\r\nno field here\r\nTo: c@d\r\n\r\nx\r\n.\r\n"), "From| a@b\n", "no field here\r\nTo: c@d\r\n\r\nx\r\n");
    ck_assert(seen.m.malformed);
    check(SLICE("just text\r\n.\r\n"), "", "just text\r\n");
    check(SLICE(" folded: at once\r\nA: b\r\n.\r\n"), "", " folded: at once\r\nA: b\r\n");
    check(SLICE(": no name\r\n.\r\n"), "", ": no name\r\n");
    check(SLICE("A: b\r\nF\xc3\xb6: c\r\n\r\n.\r\n"), "A| b\n", "F\xc3\xb6: c\r\n\r\n");
    check(SLICE("A: b\r\n..\r\nC: d\r\n.\r\n"), "A| b\n", ".\r\nC: d\r\n");
    release();
}
END_TEST

START_TEST(several_from_and_spaced_and_folded_from_are_all_counted)
{
    check(SLICE("From: a@b\r\nfrom : c@d\r\nFROM \t :\r\n e@f\r\n>From: g@h\r\nFrom\r\n.\r\n"),
          "From| a@b\nfrom| c@d\nFROM|\r\n e@f\n>From| g@h\n", "From\r\n");
    ck_assert_uint_eq(seen.m.from_count, 3);
    ck_assert_int_eq(seen.spaced, 2);
    release();
}
END_TEST

START_TEST(received_fields_are_counted_without_case)
{
    check(SLICE("Received: x\r\nRECEIVED: y\r\nReceived-SPF: z\r\n\r\nReceived: body\r\n.\r\n"),
          "Received| x\nRECEIVED| y\nReceived-SPF| z\n", "Received: body\r\n");
    ck_assert_uint_eq(seen.m.received_count, 2);
    release();
}
END_TEST

START_TEST(a_leading_from_line_begins_the_body)
{
    check(SLICE("From joe Mon Jan  1 00:00:00 2024\r\nFrom: a@b\r\n\r\nx\r\n.\r\n"), "",
          "From joe Mon Jan  1 00:00:00 2024\r\nFrom: a@b\r\n\r\nx\r\n");
    ck_assert(seen.m.malformed);
    ck_assert_uint_eq(seen.m.from_count, 0);
    check(SLICE(">From joe\r\n folded\r\nA: b\r\n.\r\n"), "", ">From joe\r\n folded\r\nA: b\r\n");
    ck_assert(seen.m.malformed);
    release();
}
END_TEST

START_TEST(limits_are_not_skipped_for_a_leading_from_line)
{
    struct slice spaced = SLICE("From : joe\r\nA: 0123456789\r\nB: 0123456789\r\n\r\nx\r\n.\r\n");
    struct slice endless = SLICE("From_______________________________\r\n\r\nx\r\n.\r\n");
    start(30, 100);
    send_steps(spaced, 7);
    ck_assert(seen.m.too_large);
    start(10000, 1);
    send_steps(spaced, 7);
    ck_assert(seen.m.too_large);
    start(30, 100);
    send_steps(endless, 7);
    ck_assert(seen.m.too_large);
    release();
}
END_TEST

START_TEST(header_limit_is_exact_and_independent_of_the_split)
{
    struct slice input = SLICE("A: 0123456789\r\nB: 01\r\n\r\nbody\r\n.\r\n");
    for (size_t step = 1; step <= input.len; step++) {
        for (size_t header_max = 22; header_max <= 24; header_max++) { /* the empty line may pass it */
            start(header_max, 100);
            send_steps(input, step);
            ck_assert(!seen.m.too_large && !seen.m.malformed);
            ck_slice_eq(buf_slice(&seen.body), "body\r\n");
        }
        start(21, 100);
        send_steps(input, step);
        ck_assert(seen.m.too_large);
        ck_slice_eq(buf_slice(&seen.fields), "A| 0123456789\n");
        ck_slice_eq(buf_slice(&seen.body), "");
    }
    release();
}
END_TEST

START_TEST(a_line_that_is_no_field_is_body_at_the_limit_too)
{
    struct slice input = SLICE("A: b\r\nthis line is longer than the limit: or not\r\n.\r\n");
    for (size_t step = 1; step <= input.len; step++) {
        start(16, 100);
        send_steps(input, step);
        ck_assert(!seen.m.too_large);
        ck_slice_eq(buf_slice(&seen.body), "this line is longer than the limit: or not\r\n");
        start(8, 100); /* "thi": may still become a field */
        send_steps(input, step);
        ck_assert(seen.m.too_large);
    }
    release();
}
END_TEST

START_TEST(field_limit_is_exact)
{
    struct slice input = SLICE("A: 1\r\nB: 2\r\nC: 3\r\n\r\nbody\r\n.\r\n");
    start(1000, 3);
    send_steps(input, 5);
    ck_assert(!seen.m.too_large);
    ck_slice_eq(buf_slice(&seen.body), "body\r\n");
    start(1000, 2);
    send_steps(input, 5);
    ck_assert(seen.m.too_large);
    ck_slice_eq(buf_slice(&seen.fields), "A| 1\nB| 2\n");
    release();
}
END_TEST

START_TEST(cve_2022_48521_one_to_twenty_forged_results_are_all_marked)
{
    struct buf input = {0}, kept = {0}, out = {0};
    for (size_t forged = 1; forged <= 20; forged++) {
        buf_clear(&input);
        buf_clear(&kept);
        for (size_t i = 0; i < forged; i++) {
            buf_add_format(&input, "Authentication-Results: mx.example.net;\r\n\tspf=pass smtp.mailfrom=%zu\r\n", i);
            buf_add_format(&input, "X-Between: %zu\r\n", i);
            buf_add_format(&kept, "X-Between: %zu\r\n", i);
        }
        buf_add_text(
            &input,
            "Authentication-Results: other.example; spf=pass\r\nFrom: a@b\r\n\r\nAuthentication-Results: mx.example.net; x\r\n.\r\n");
        buf_add_text(&kept,
                     "Authentication-Results: other.example; spf=pass\r\nFrom: a@b\r\n\r\nAuthentication-Results: mx.example.net; x\r\n");
        for (size_t step = 1; step < 90; step++) {
            send_bytes(buf_slice(&input), step);
            ck_assert(slice_eq(without_forged(&out), buf_slice(&kept)));
        }
    }
    buf_release(&input);
    buf_release(&kept);
    buf_release(&out);
    release();
}
END_TEST

START_TEST(forged_results_of_over_four_kilobytes_are_marked_whole)
{
    struct buf input = {0}, out = {0};
    buf_add_text(&input, "A: b\r\nAuthentication-Results: mx.example.net;\r\n");
    for (int i = 0; i < 100; i++)
        buf_add_text(&input, " dkim=pass header.d=some.very.long.name.of.a.domain.example;\r\n");
    ck_assert_uint_gt(input.len, 4096);
    buf_add_text(&input, "C: d\r\n\r\n.\r\n");
    for (size_t step = 1; step < 2000; step += 37) {
        send_bytes(buf_slice(&input), step);
        ck_slice_eq(without_forged(&out), "A: b\r\nC: d\r\n\r\n");
    }
    buf_release(&input);
    buf_release(&out);
    release();
}
END_TEST

START_TEST(forged_marks_of_ours_are_marked_in_whatever_guise)
{
    check_kept(SLICE("X-Mailweir-Quarantine: yes\r\nx-mailWEIR-foo : a\r\n b\r\nX-Mailweir: kept\r\n\r\nx\r\n.\r\n"),
               "X-Mailweir: kept\r\n\r\nx\r\n");
    check_kept(SLICE("AUTHENTICATION-RESULTS :\r\n\tMX.Example.Net; none\r\n.\r\n"), "");
    check_kept(SLICE("A: b\r\nAuthentication-Results: mx.example.net; none\r\nno field\r\n.\r\n"), "A: b\r\nno field\r\n");
    release();
}
END_TEST

START_TEST(offsets_count_stuffed_dots)
{
    check_kept(SLICE("..A: b\r\n..C: d\r\nX-Mailweir-1: x\r\n..E: f\r\nX-Mailweir-2: y\r\n. folded\r\n..G: h\r\n\r\n..z\r\n.\r\n"),
               "..A: b\r\n..C: d\r\n..E: f\r\n..G: h\r\n\r\n..z\r\n");
    ck_slice_eq(buf_slice(&seen.fields), ".A| b\n.C| d\nX-Mailweir-1| x\n.E| f\nX-Mailweir-2| y\r\n folded\n.G| h\n");
    release();
}
END_TEST

START_TEST(forged_fields_are_shown_to_the_filters)
{
    check(SLICE("X-Mailweir-A: 1\r\nAuthentication-Results: mx.example.net; none\r\n\r\n.\r\n"),
          "X-Mailweir-A| 1\nAuthentication-Results| mx.example.net; none\n", "");
    ck_assert_uint_eq(seen.m.field_count, 2);
    release();
}
END_TEST

START_TEST(a_last_line_without_newline_is_not_lost)
{
    start(1000, 10);
    ck_assert_uint_eq(message_feed(&seen.m, SLICE("A: b\r\nC: d"), SLICE("A: b\r\nC: d")).len, 0);
    ck_slice_eq(message_finish(&seen.m), "");
    ck_slice_eq(buf_slice(&seen.fields), "A| b\nC| d\n");
    start(1000, 10);
    ck_assert_uint_eq(message_feed(&seen.m, SLICE("A: b\nno field"), SLICE("A: b\nno field")).len, 0);
    ck_slice_eq(message_finish(&seen.m), "no field");
    ck_slice_eq(buf_slice(&seen.fields), "A| b\n");
    ck_assert_int_eq(seen.ends, 1);
    release();
}
END_TEST

UNIT_MAIN("proxy/message", fields_and_body_at_any_split, a_message_without_body_or_without_header, a_line_that_is_no_field_begins_the_body,
          several_from_and_spaced_and_folded_from_are_all_counted, received_fields_are_counted_without_case,
          a_leading_from_line_begins_the_body, limits_are_not_skipped_for_a_leading_from_line,
          header_limit_is_exact_and_independent_of_the_split, a_line_that_is_no_field_is_body_at_the_limit_too, field_limit_is_exact,
          cve_2022_48521_one_to_twenty_forged_results_are_all_marked, forged_results_of_over_four_kilobytes_are_marked_whole,
          forged_marks_of_ours_are_marked_in_whatever_guise, offsets_count_stuffed_dots, forged_fields_are_shown_to_the_filters,
          a_last_line_without_newline_is_not_lost)
