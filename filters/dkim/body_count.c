/* body_count: see body_count.h. */
#include "filters/dkim/body_count.h"

static void add_line_end(struct body_count *count)
{
    count->line_ends++;
    count->relaxed_ends++;
    count->blank = false;
}

static void add_byte(struct body_count *count)
{
    count->simple += count->line_ends + 1;
    count->line_ends = 0;
}

void body_count_add(struct body_count *count, struct slice chunk)
{
    for (size_t i = 0; i < chunk.len; i++) {
        char c = chunk.ptr[i];
        if (c == '\r' || c == '\n') {
            add_line_end(count);
            continue;
        }
        add_byte(count);
        if (c == ' ' || c == '\t') {
            count->blank = true;
            continue;
        }
        count->relaxed += count->relaxed_ends + (count->blank ? 1 : 0) + 1;
        count->relaxed_ends = 0;
        count->blank = false;
    }
}

uint64_t body_count_simple(const struct body_count *count)
{
    return count->simple + 2; /* one CRLF ends the body, the empty one too */
}

uint64_t body_count_relaxed(const struct body_count *count)
{
    return count->relaxed ? count->relaxed + 2 : 0;
}
