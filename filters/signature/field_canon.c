/* field_canon: see field_canon.h. */
#include "filters/signature/field_canon.h"

struct slice field_canon_relaxed(struct slice name, struct slice value, struct arena *arena)
{
    char *out = arena_alloc(arena, name.len + value.len + 2);
    size_t n = 0;
    bool blank = false;
    name = slice_trim(name);
    for (size_t i = 0; i < name.len; i++)
        out[n++] = ascii_lower(name.ptr[i]);
    out[n++] = ':';
    size_t start = n;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '\r' && i + 1 < value.len && value.ptr[i + 1] == '\n') {
            i++;
        } else if (c == ' ' || c == '\t') {
            blank = n > start;
        } else {
            if (blank)
                out[n++] = ' ';
            blank = false;
            out[n++] = c;
        }
    }
    return slice_make(out, n);
}

struct slice field_canon_without(struct slice text, struct slice part, struct arena *arena)
{
    size_t before = (size_t)(part.ptr - text.ptr);
    struct slice after = slice_skip(text, before + part.len);
    char *out = arena_alloc(arena, before + after.len + 1);
    memcpy(out, text.ptr, before);
    memcpy(out + before, after.ptr, after.len);
    return slice_make(out, before + after.len);
}
