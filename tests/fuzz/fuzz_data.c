/* fuzz_data: the data reader against its plain reference, whole and in pieces that the input itself chooses.
 *
 * Input: mode, line limit and piece seed, a byte each; then the data, to which a final dot is added. */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/proxy/smtp/data_reference.h"

static size_t whole(void *ctx)
{
    return SIZE_MAX;
}

static size_t one(void *ctx)
{
    return 1;
}

/* Small pieces of lengths that look like chance. */
static size_t pieces(void *ctx)
{
    unsigned *seed = ctx;
    *seed = *seed * 1103515245u + 12345u;
    return 1 + (*seed >> 16) % 7;
}

static void check_run(struct slice input, enum smtp_newline_mode mode, size_t line_max, size_t (*split)(void *), unsigned seed,
                      const struct data_outcome *expected)
{
    struct data_outcome actual = {0};
    data_run(input, mode, line_max, split, &seed, &actual);
    FUZZ_CHECK(data_outcome_same(expected, &actual));
    data_outcome_release(&actual);
}

static void check_clean(const struct data_outcome *o)
{
    struct buf text = {0};
    data_unstuff(buf_slice(&o->wire), &text);
    FUZZ_CHECK(slice_eq(buf_slice(&text), buf_slice(&o->text)));
    FUZZ_CHECK(!data_has_lax_end(buf_slice(&o->wire)));
    FUZZ_CHECK(!memchr(buf_slice(&o->wire).ptr, 0, o->wire.len));
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = fuzz_slice(data, size);
    enum smtp_newline_mode mode = fuzz_take_choice(&rest, 2) ? SMTP_NEWLINE_NORMALIZE : SMTP_NEWLINE_REJECT;
    size_t line_max = fuzz_take_choice(&rest, 256) * 2;
    unsigned seed = fuzz_take_choice(&rest, 256);
    struct buf input = {0};
    struct data_outcome expected = {0};
    buf_add(&input, rest);
    buf_add_text(&input, "\r\n.\r\n");
    data_reference(buf_slice(&input), mode, line_max, &expected);
    check_run(buf_slice(&input), mode, line_max, whole, seed, &expected);
    check_run(buf_slice(&input), mode, line_max, one, seed, &expected);
    check_run(buf_slice(&input), mode, line_max, pieces, seed, &expected);
    if (!expected.violation)
        check_clean(&expected);
    data_outcome_release(&expected);
    buf_release(&input);
    return 0;
}
