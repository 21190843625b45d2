/* data_reference: what smtp_data must do, said as plainly as possible: on the whole input at once, line by line, without states.
 * The unit test and the fuzzer compare every split against it. */
#ifndef TESTS_DATA_REFERENCE_H
#define TESTS_DATA_REFERENCE_H

#include "base/buf.h"
#include "proxy/smtp/smtp_data.h"

struct data_outcome {
    struct buf wire, text;
    size_t consumed;
    enum smtp_data_violation violation;
    bool end, repaired;
};

static inline void data_outcome_release(struct data_outcome *o)
{
    buf_release(&o->wire);
    buf_release(&o->text);
}

/* The message without the final dot: up to the first CRLF.CRLF, with that CRLF; *found tells whether there was one. */
static inline struct slice reference_message(struct slice input, bool *found)
{
    *found = true;
    if (slice_starts(input, SLICE(".\r\n")))
        return slice_first(input, 0);
    for (size_t i = 0; i < input.len; i++)
        if (slice_starts(slice_skip(input, i), SLICE("\r\n.\r\n")))
            return slice_first(input, i + 2);
    *found = false;
    return input;
}

/* One line without its newline: content up to a CR, LF, NUL or the end. */
static inline size_t reference_line_length(struct slice s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '\r' && s.ptr[n] != '\n' && s.ptr[n] != '\0')
        n++;
    return n;
}

/* Both modes; the input must hold the final dot. */
static inline void data_reference(struct slice input, enum smtp_newline_mode mode, size_t line_max, struct data_outcome *o)
{
    struct slice rest = reference_message(input, &o->end);
    o->consumed = rest.len + 3;
    bool behind_crlf = true;
    while (rest.len) {
        struct slice line = slice_first(rest, reference_line_length(rest));
        struct slice newline = slice_skip(rest, line.len); /* never empty: the message ends with CRLF */
        bool nul = newline.ptr[0] == '\0', crlf = slice_starts(newline, SLICE("\r\n"));
        bool lone_dot = behind_crlf && slice_eq(line, SLICE("."));
        bool stuffed = behind_crlf && !lone_dot && slice_starts(line, SLICE("."));
        bool must_stuff = (lone_dot || !behind_crlf) && slice_starts(line, SLICE("."));
        struct slice text = slice_skip(line, stuffed ? 1 : 0);
        bool refused = nul || (!crlf && mode == SMTP_NEWLINE_REJECT);
        if (line_max && text.len > line_max) {
            text = slice_first(text, line_max);
            line = slice_first(line, line_max + stuffed);
            o->violation = SMTP_DATA_LONG_LINE;
        } else if (refused) {
            o->violation = nul ? SMTP_DATA_NUL : newline.ptr[0] == '\r' ? SMTP_DATA_BARE_CR : SMTP_DATA_BARE_LF;
        }
        if (o->violation && lone_dot)
            return;
        if (must_stuff)
            buf_add_text(&o->wire, ".");
        buf_add(&o->wire, line);
        buf_add(&o->text, text);
        if (o->violation == SMTP_DATA_BARE_CR) {
            buf_add_text(&o->wire, "\r");
            buf_add_text(&o->text, "\r");
        }
        if (o->violation)
            return;
        o->repaired |= !crlf;
        buf_add_text(&o->wire, "\r\n");
        buf_add_text(&o->text, "\r\n");
        rest = slice_skip(newline, crlf ? 2 : 1);
        behind_crlf = crlf;
    }
}

/* Runs the real one over the input in pieces: split(ctx) gives the length of the next one. */
static inline void data_run(struct slice input, enum smtp_newline_mode mode, size_t line_max, size_t (*split)(void *ctx), void *ctx,
                            struct data_outcome *o)
{
    struct smtp_data d;
    smtp_data_init(&d, mode, line_max);
    while (input.len && !o->end) {
        struct slice piece = slice_first(input, split(ctx));
        input = slice_skip(input, piece.len);
        for (struct smtp_data_run run = {.consumed = 1}; !run.end && run.consumed;) {
            run = smtp_data_next(&d, piece);
            buf_add(&o->wire, run.wire);
            buf_add(&o->text, run.text);
            o->consumed += run.consumed;
            o->end = run.end;
            piece = slice_skip(piece, run.consumed);
        }
    }
    o->violation = d.violation;
    o->repaired = d.repaired;
}

/* Whether the laxest of backends, to whom CR or LF alone is a newline, could see an end of data. */
static inline bool data_has_lax_end(struct slice wire)
{
    for (size_t i = 0; i + 1 < wire.len; i++) {
        bool begins = i == 0 || wire.ptr[i - 1] == '\r' || wire.ptr[i - 1] == '\n';
        if (begins && wire.ptr[i] == '.' && (wire.ptr[i + 1] == '\r' || wire.ptr[i + 1] == '\n' || wire.ptr[i + 1] == '\0'))
            return true;
    }
    return false;
}

/* What a receiver makes of dot-stuffed lines that end in CRLF. */
static inline void data_unstuff(struct slice wire, struct buf *out)
{
    for (size_t i = 0; i < wire.len; i++)
        if (wire.ptr[i] != '.' || (i > 0 && wire.ptr[i - 1] != '\n'))
            buf_add_byte(out, wire.ptr[i]);
}

static inline bool data_outcome_same(const struct data_outcome *a, const struct data_outcome *b)
{
    return a->end == b->end && a->consumed == b->consumed && a->violation == b->violation &&
           slice_eq(buf_slice(&a->wire), buf_slice(&b->wire)) && slice_eq(buf_slice(&a->text), buf_slice(&b->text)) &&
           (a->violation || a->repaired == b->repaired);
}

#endif
