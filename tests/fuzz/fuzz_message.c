/* fuzz_message: any data, cut anywhere, gives the same fields, body and places of fields; and with its edits, a second reading finds
 * nothing forged, nothing that was to be left out, and the subject tagged, while all else is as it was.
 *
 * Input: header limit, field limit, piece length, a byte each; then the data, to which a final dot is added. */
#include "proxy/smtp/message_edit.h"
#include "proxy/smtp/smtp_data.h"
#include "tests/fuzz/fuzz.h"

struct reading {
    struct arena *arena;
    struct message m;
    struct buf wire, fields, body;
    int ends;
};

static void on_field(void *ctx, const struct mail_header *field)
{
    struct reading *r = ctx;
    FUZZ_CHECK(r->ends == 0 && field->name.len > 0 && fuzz_is_printable(field->name) && slice_index(field->name, ':') < 0);
    FUZZ_CHECK(slice_starts(field->raw, field->name) && field->value.ptr + field->value.len == field->raw.ptr + field->raw.len);
    buf_add(&r->fields, field->raw);
    buf_add_text(&r->fields, "\r\n");
}

static void on_end(void *ctx)
{
    struct reading *r = ctx;
    r->ends++;
}

static void read_message(struct reading *r, struct slice input, size_t header_max, size_t fields_max, size_t piece_length)
{
    struct smtp_data d;
    smtp_data_init(&d, SMTP_NEWLINE_NORMALIZE, 0);
    *r = (struct reading){.arena = arena_new()};
    message_init(&r->m, r->arena, "mx.example", header_max, fields_max, on_field, on_end, r);
    while (input.len) {
        struct slice piece = slice_first(input, piece_length);
        struct smtp_data_run run = smtp_data_next(&d, piece);
        buf_add(&r->wire, run.wire);
        buf_add(&r->body, message_feed(&r->m, run.wire, run.text));
        input = slice_skip(input, run.consumed);
        if (run.end)
            break;
    }
    buf_add(&r->body, message_finish(&r->m));
    FUZZ_CHECK(r->ends == 1);
}

static void release_reading(struct reading *r)
{
    buf_release(&r->wire);
    buf_release(&r->fields);
    buf_release(&r->body);
    arena_free(&r->arena);
}

static void check_same(const struct reading *a, const struct reading *b)
{
    FUZZ_CHECK(slice_eq(buf_slice(&a->fields), buf_slice(&b->fields)) && slice_eq(buf_slice(&a->body), buf_slice(&b->body)));
    FUZZ_CHECK(a->m.too_large == b->m.too_large && a->m.malformed == b->m.malformed && a->m.in_body == b->m.in_body);
    FUZZ_CHECK(a->m.field_count == b->m.field_count && a->m.from_count == b->m.from_count);
    const struct message_field *x = a->m.fields, *y = b->m.fields;
    for (; x && y; x = x->next, y = y->next) {
        FUZZ_CHECK(x->offset == y->offset && x->length == y->length && x->forged == y->forged);
        FUZZ_CHECK(x->value_at == y->value_at && x->text_at == y->text_at && x->line_end == y->line_end);
        FUZZ_CHECK(slice_eq(x->name, y->name));
    }
    FUZZ_CHECK(!x && !y);
}

/* Where a field's parts are said to stand, they stand. */
static void check_place(const struct reading *r, const struct message_field *f)
{
    struct slice line = slice_first(slice_skip(buf_slice(&r->wire), f->offset), f->length);
    FUZZ_CHECK(f->value_at <= f->text_at && f->text_at <= f->line_end && f->line_end + 2 <= f->length);
    FUZZ_CHECK(line.ptr[f->value_at - 1] == ':' && slice_starts(slice_skip(line, f->line_end), SLICE("\r\n")));
    FUZZ_CHECK(slice_starts(line, f->name) || (line.ptr[0] == '.' && slice_starts(slice_skip(line, 1), f->name)));
}

/* The wire form with the edits, and the final dot. */
static void apply_edits(const struct reading *r, const struct decision *decision, struct buf *out)
{
    uint64_t at = 0;
    for (const struct message_edit *e = message_edit_list(&r->m, decision, r->arena); e; e = e->next) {
        FUZZ_CHECK(e->offset >= at && (e->length > 0 || e->text.len > 0) && e->offset + e->length <= r->wire.len);
        buf_add(out, slice_make(r->wire.ptr + at, e->offset - at));
        buf_add(out, e->text);
        at = e->offset + e->length;
    }
    buf_add(out, slice_skip(buf_slice(&r->wire), at));
    buf_add_text(out, ".\r\n");
}

static void check_edits(const struct reading *r, const struct decision *decision,
                        void (*check)(const struct reading *, const struct reading *))
{
    struct buf sent = {0};
    struct reading again;
    apply_edits(r, decision, &sent);
    read_message(&again, buf_slice(&sent), SIZE_MAX, SIZE_MAX, SIZE_MAX);
    for (const struct message_field *f = again.m.fields; f; f = f->next)
        FUZZ_CHECK(!f->forged);
    FUZZ_CHECK(slice_eq(buf_slice(&again.body), buf_slice(&r->body)) && again.m.malformed == r->m.malformed);
    check(r, &again);
    release_reading(&again);
    buf_release(&sent);
}

static void check_untouched(const struct reading *r, const struct reading *again)
{
    FUZZ_CHECK(again->m.from_count == r->m.from_count);
}

static const struct message_field *find_subject(const struct reading *r)
{
    const struct message_field *f = r->m.fields;
    while (f && !slice_eq_nocase(f->name, SLICE("Subject")))
        f = f->next;
    return f;
}

/* No From is left, and no line but one that was too long before is too long. */
static void check_changed(const struct reading *r, const struct reading *again)
{
    const struct message_field *before = find_subject(r), *after = find_subject(again);
    FUZZ_CHECK(again->m.from_count == 0 && !before == !after);
    if (!after)
        return;
    struct slice field = slice_make(again->wire.ptr + after->offset, after->length);
    struct slice text = slice_skip(field, after->text_at);
    FUZZ_CHECK(slice_starts(text, SLICE("[tag] [two]")) || after->value_at > 900);
    FUZZ_CHECK(after->line_end <= 998 || before->line_end > 998 || before->value_at > 900);
}

static void check_all_edits(const struct reading *r)
{
    struct policy_effect two = {.action = ACTION_SUBJECT_TAG, .rule = "r", .value = SLICE("[two]")};
    struct policy_effect tag = {.action = ACTION_SUBJECT_TAG, .rule = "r", .value = SLICE("[tag] "), .next = &two};
    struct policy_effect from = {.action = ACTION_REMOVE_HEADER, .rule = "r", .name = SLICE("fro*"), .next = &tag};
    const struct decision none = {.action = ACTION_ACCEPT}, all = {.action = ACTION_ACCEPT, .effects = &from};
    for (const struct message_field *f = r->m.fields; f; f = f->next)
        check_place(r, f);
    check_edits(r, &none, check_untouched);
    check_edits(r, &all, check_changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = fuzz_slice(data, size);
    size_t header_max = 16 * (size_t)fuzz_take_choice(&rest, 256), fields_max = fuzz_take_choice(&rest, 64);
    size_t piece_length = 1 + fuzz_take_choice(&rest, 100);
    if (rest.len && memchr(rest.ptr, 0, rest.len))
        return 0; /* refused anyway: nothing behind it goes out */
    struct buf input = {0};
    struct reading a, b;
    buf_add(&input, rest);
    buf_add_text(&input, "\r\n.\r\n");
    read_message(&a, buf_slice(&input), header_max, fields_max, SIZE_MAX);
    read_message(&b, buf_slice(&input), header_max, fields_max, piece_length);
    check_same(&a, &b);
    if (!a.m.too_large)
        check_all_edits(&a);
    release_reading(&a);
    release_reading(&b);
    buf_release(&input);
    return 0;
}
