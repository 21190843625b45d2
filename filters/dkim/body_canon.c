/* body_canon: see body_canon.h. Line ends and blanks are held back until a byte follows that makes them count. */
#include "filters/dkim/body_canon.h"

void body_canon_init(struct body_canon *c, bool relaxed, body_canon_sink_fn sink, void *ctx)
{
    *c = (struct body_canon){.relaxed = relaxed, .sink = sink, .ctx = ctx};
}

static void flush(struct body_canon *c)
{
    if (c->used)
        c->sink(c->ctx, slice_make(c->out, c->used));
    c->used = 0;
}

static void put(struct body_canon *c, struct slice s)
{
    if (s.len > sizeof c->out - c->used)
        flush(c);
    if (s.len > sizeof c->out) {
        c->sink(c->ctx, s);
        return;
    }
    memcpy(c->out + c->used, s.ptr, s.len);
    c->used += s.len;
}

static void put_held(struct body_canon *c)
{
    for (; c->line_ends; c->line_ends--)
        put(c, SLICE("\r\n"));
    if (c->blank)
        put(c, SLICE(" "));
    c->blank = false;
    c->any = true;
}

static void end_line(struct body_canon *c)
{
    c->line_ends++;
    c->blank = false;
}

static bool is_blank(const struct body_canon *c, char byte)
{
    return c->relaxed && (byte == ' ' || byte == '\t');
}

/* The length of the run of bytes at the beginning that are kept as they are. */
static size_t plain_run(const struct body_canon *c, struct slice s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '\r' && !is_blank(c, s.ptr[n]))
        n++;
    return n;
}

static void keep(struct body_canon *c, struct slice s)
{
    put_held(c);
    put(c, s);
}

/* The CR at the end of the last chunk; a CR that no LF follows is a byte like others. */
static void settle_cr(struct body_canon *c, struct slice *chunk)
{
    c->cr = false;
    if (chunk->len && chunk->ptr[0] == '\n') {
        *chunk = slice_skip(*chunk, 1);
        end_line(c);
    } else {
        keep(c, SLICE("\r"));
    }
}

void body_canon_add(struct body_canon *c, struct slice chunk)
{
    while (chunk.len) {
        size_t run = c->cr ? 0 : plain_run(c, chunk);
        if (c->cr) {
            settle_cr(c, &chunk);
        } else if (run) {
            keep(c, slice_first(chunk, run));
            chunk = slice_skip(chunk, run);
        } else {
            bool cr = chunk.ptr[0] == '\r';
            c->cr = cr;
            c->blank = c->blank || !cr;
            chunk = slice_skip(chunk, 1);
        }
    }
}

void body_canon_finish(struct body_canon *c)
{
    struct slice nothing = SLICE("");
    if (c->cr)
        settle_cr(c, &nothing);
    if (c->any || !c->relaxed)
        put(c, SLICE("\r\n"));
    flush(c);
}
