/* body_canon: see body_canon.h. Line ends and blanks are held back until a byte follows that makes them count.
 *
 * The relaxed form changes little of what people send: tabs, runs of blanks, and blanks at the end of a line. Blocks without these are
 * found by a loop that compilers turn into vector instructions, and taken as they are; only the others are looked at byte by byte. */
#include "filters/signature/body_canon.h"

enum {
    BLOCK = 32,   /* bytes looked at together */
    ODD = 16,     /* bytes looked at one by one where it is not regular */
    DIRECT = 512, /* longer runs are not copied together */
};

void body_canon_init(struct body_canon *c, bool relaxed, body_canon_sink_fn sink, void *ctx)
{
    c->relaxed = relaxed;
    c->sink = sink;
    c->ctx = ctx;
    c->line_ends = 0;
    c->blank = c->cr = c->any = false;
    c->used = 0;
}

static void flush(struct body_canon *c)
{
    if (c->used)
        c->sink(c->ctx, slice_make(c->out, c->used));
    c->used = 0;
}

static void put(struct body_canon *c, struct slice s)
{
    if (s.len > sizeof c->out - c->used || s.len > DIRECT)
        flush(c);
    if (s.len > DIRECT) {
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

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Whether a byte of the relaxed form is not kept as it is, as far as the byte behind it tells. */
static inline bool is_irregular(char byte, char next)
{
    return (byte == '\t') | ((byte == ' ') & ((next == ' ') | (next == '\t') | (next == '\r')));
}

/* Reads one byte beyond the block. */
static bool block_is_regular(const char *p)
{
    unsigned char irregular = 0;
    for (size_t i = 0; i < BLOCK; i++)
        irregular |= is_irregular(p[i], p[i + 1]);
    return !irregular;
}

/* The length of the run of bytes at the beginning that are kept as they are, but for line ends at its end; as far as blocks tell. */
static size_t plain_run(const struct body_canon *c, struct slice s)
{
    size_t n = 0;
    if (c->cr || c->blank)
        return 0;
    if (!c->relaxed)
        return s.len;
    while (s.len - n > BLOCK && block_is_regular(s.ptr + n))
        n += BLOCK;
    return n;
}

static bool ends_with_line_end(struct slice s)
{
    return s.len >= 2 && s.ptr[s.len - 2] == '\r' && s.ptr[s.len - 1] == '\n';
}

static void take_run(struct body_canon *c, struct slice run)
{
    uint64_t ends = 0;
    if (run.ptr[run.len - 1] == '\r') { /* what it is, the next byte tells */
        c->cr = true;
        run.len--;
    }
    for (; ends_with_line_end(run); ends++)
        run.len -= 2;
    if (run.len) {
        put_held(c);
        put(c, run);
    }
    c->line_ends += ends;
}

static void keep_byte(struct body_canon *c, char byte)
{
    if (c->line_ends || c->blank)
        put_held(c);
    if (c->used == sizeof c->out)
        flush(c);
    c->out[c->used++] = byte;
    c->any = true;
}

static void end_line(struct body_canon *c)
{
    c->line_ends++;
    c->blank = false;
}

static void take_byte(struct body_canon *c, char byte)
{
    bool ends = c->cr && byte == '\n';
    if (c->cr && !ends)
        keep_byte(c, '\r'); /* one that no LF follows is a byte like others */
    c->cr = byte == '\r';
    if (ends)
        end_line(c);
    else if (c->relaxed && is_blank(byte))
        c->blank = true;
    else if (!c->cr)
        keep_byte(c, byte);
}

void body_canon_add(struct body_canon *c, struct slice chunk)
{
    while (chunk.len) {
        size_t run = plain_run(c, chunk);
        if (run) {
            take_run(c, slice_first(chunk, run));
            chunk = slice_skip(chunk, run);
        }
        size_t odd = chunk.len < ODD ? chunk.len : ODD;
        for (size_t i = 0; i < odd; i++)
            take_byte(c, chunk.ptr[i]);
        chunk = slice_skip(chunk, odd);
    }
}

void body_canon_finish(struct body_canon *c)
{
    if (c->cr)
        keep_byte(c, '\r');
    if (c->any || !c->relaxed)
        put(c, SLICE("\r\n"));
    flush(c);
}
