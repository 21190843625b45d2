/* status_name: see status_name.h. */
#include "proxy/status/status_name.h"

#include "base/buf.h"

enum { SEPARATOR = '\x1f' }; /* a part that has it, too, shows a "?" there */

const char *status_name_make(struct arena *arena, const char *const *parts)
{
    struct buf name = {0};
    for (size_t i = 0; parts[i]; i++) {
        if (i > 0)
            buf_add_byte(&name, SEPARATOR);
        for (const char *c = parts[i]; *c; c++)
            buf_add_byte(&name, *c == SEPARATOR ? '?' : *c);
    }
    const char *copy = arena_string(arena, buf_slice(&name));
    buf_release(&name);
    return copy;
}

bool status_name_read(const char *name, struct status_name *out)
{
    struct slice rest = slice_of(name), part;
    *out = (struct status_name){.count = 0};
    while (slice_split(&rest, SEPARATOR, &part)) {
        if (out->count == STATUS_PARTS_MAX)
            return false;
        out->parts[out->count++] = part;
    }
    return name[0] != '\0';
}
