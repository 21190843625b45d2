/* header_value: see header_value.h. */
#include "proxy/smtp/header_value.h"

struct slice header_value_unfold(struct slice value, struct arena *arena)
{
    struct slice rest = slice_trim(value);
    size_t room = rest.len < HEADER_VALUE_MAX ? rest.len : HEADER_VALUE_MAX, n = 0;
    char *text = arena_alloc(arena, room + 1);
    for (size_t i = 0; i < rest.len && n < room; i++) {
        unsigned char c = (unsigned char)rest.ptr[i];
        if (c == '\r' || c == '\n')
            continue;
        if (c == '\t')
            c = ' ';
        text[n++] = c < 32 || c == 127 ? '?' : (char)c;
    }
    return slice_make(text, n);
}
