/* fuzz_chunk: what comes in chunks, cut anywhere, reads as DATA the same bytes: nothing in it ends the data before its end. */
#include "base/buf.h"
#include "proxy/smtp/smtp_chunk.h"
#include "proxy/smtp/smtp_data.h"
#include "tests/fuzz/fuzz.h"

struct reading {
    struct smtp_data data;
    struct buf text;
    bool ended;
};

static void feed(struct reading *r, struct slice wire)
{
    while (wire.len) {
        FUZZ_CHECK(!r->ended);
        struct smtp_data_run run = smtp_data_next(&r->data, wire);
        buf_add(&r->text, run.text);
        FUZZ_CHECK(run.consumed > 0);
        wire = slice_skip(wire, run.consumed);
        r->ended = run.end;
    }
}

static void feed_chunk(struct reading *r, struct smtp_chunk *c, struct slice rest)
{
    while (rest.len) {
        bool dot;
        struct slice run = smtp_chunk_next(c, &rest, &dot);
        FUZZ_CHECK(run.len > 0);
        if (dot)
            feed(r, SLICE("."));
        feed(r, run);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    size_t step = 1 + fuzz_take_choice(&input, 40);
    struct reading r = {0};
    struct smtp_chunk c = {0};
    smtp_data_init(&r.data, SMTP_NEWLINE_REJECT, 0);
    for (size_t at = 0; at < input.len; at += step)
        feed_chunk(&r, &c, slice_first(slice_skip(input, at), step));
    FUZZ_CHECK(!r.ended);
    bool whole = !c.in_line;
    feed(&r, smtp_chunk_end(&c));
    FUZZ_CHECK(r.ended);
    if (!r.data.violation) {
        FUZZ_CHECK(r.text.len == input.len + (whole ? 0 : 2));
        FUZZ_CHECK(input.len == 0 || memcmp(r.text.ptr, input.ptr, input.len) == 0);
    }
    buf_release(&r.text);
    return 0;
}
