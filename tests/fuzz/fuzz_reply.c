/* fuzz_reply: whatever lines a backend sends, a complete reply is clean, bounded, and reads the same when written. */
#include "proxy/smtp/smtp_reply.h"
#include "tests/fuzz/fuzz.h"

/* Feeds lines until the reply is over; MORE if they end before. */
static enum smtp_reply_status read_reply(struct smtp_reply_reader *reader, struct arena *arena, struct slice input)
{
    enum smtp_reply_status status = SMTP_REPLY_MORE;
    struct slice line;
    smtp_reply_reader_init(reader, arena);
    while (status == SMTP_REPLY_MORE && slice_split(&input, '\n', &line)) {
        if (line.len && line.ptr[line.len - 1] == '\r')
            line.len--;
        smtp_reply_enhanced(line);
        status = smtp_reply_feed(reader, line);
    }
    return status;
}

static void check_complete(const struct smtp_reply *reply, struct arena *arena)
{
    struct smtp_reply_reader again;
    struct buf out = {0}, twice = {0};
    FUZZ_CHECK(reply->code >= 200 && reply->code <= 559 && reply->count >= 1 && reply->count <= SMTP_REPLY_LINES_MAX);
    for (size_t i = 0; i < reply->count; i++) {
        FUZZ_CHECK(fuzz_is_printable(reply->lines[i]) && reply->lines[i].len <= SMTP_REPLY_LINE_MAX - 6);
        FUZZ_CHECK(fuzz_is_printable(smtp_reply_enhanced(reply->lines[i])));
    }
    smtp_reply_format(reply, &out);
    FUZZ_CHECK(read_reply(&again, arena, buf_slice(&out)) == SMTP_REPLY_COMPLETE);
    smtp_reply_format(&again.reply, &twice);
    FUZZ_CHECK(slice_eq(buf_slice(&out), buf_slice(&twice)));
    buf_release(&out);
    buf_release(&twice);
}

static void check_own(struct slice text)
{
    struct buf out = {0};
    smtp_reply_make(&out, 550, "5.7.1", text);
    FUZZ_CHECK(out.len <= SMTP_REPLY_LINE_MAX && slice_starts(buf_slice(&out), SLICE("550 5.7.1 ")));
    FUZZ_CHECK(fuzz_is_printable(slice_first(buf_slice(&out), out.len - 2)) && slice_ends_nocase(buf_slice(&out), SLICE("\r\n")));
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct smtp_reply_reader reader;
    if (read_reply(&reader, arena, fuzz_slice(data, size)) == SMTP_REPLY_COMPLETE)
        check_complete(&reader.reply, arena);
    check_own(fuzz_slice(data, size));
    arena_free(&arena);
    return 0;
}
