/* smtp_chunk: see smtp_chunk.h. */
#include "proxy/smtp/smtp_chunk.h"

/* Up to and with the next CRLF that a dot follows, or all of it. A CRLF that began in an earlier run counts. */
static size_t run_length(const struct smtp_chunk *c, struct slice s)
{
    if (c->cr && s.len > 1 && s.ptr[0] == '\n' && s.ptr[1] == '.')
        return 1;
    const char *found = s.len ? memmem(s.ptr, s.len, "\r\n.", 3) : NULL;
    return found ? (size_t)(found - s.ptr) + 2 : s.len;
}

struct slice smtp_chunk_next(struct smtp_chunk *c, struct slice *rest, bool *dot)
{
    *dot = rest->len && !c->in_line && rest->ptr[0] == '.';
    struct slice run = slice_first(*rest, run_length(c, *rest));
    *rest = slice_skip(*rest, run.len);
    if (run.len == 0)
        return run;
    bool lf = run.ptr[run.len - 1] == '\n', before = run.len > 1 ? run.ptr[run.len - 2] == '\r' : c->cr;
    c->in_line = !(lf && before);
    c->cr = run.ptr[run.len - 1] == '\r';
    return run;
}

struct slice smtp_chunk_end(const struct smtp_chunk *c)
{
    return c->in_line ? SLICE("\r\n.\r\n") : SLICE(".\r\n");
}
