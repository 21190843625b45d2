/* text_list: see text_list.h. */
#include "base/text_list.h"

void text_list_add(struct buf *out, char separator, struct slice item, bool first)
{
    if (!first)
        buf_add_byte(out, separator);
    for (size_t i = 0; i < item.len; i++) {
        if (item.ptr[i] == separator || item.ptr[i] == '\\')
            buf_add_byte(out, '\\');
        buf_add_byte(out, item.ptr[i]);
    }
}

/** The length of the first item as it is written. */
static size_t written_length(struct slice s, char separator, bool *escaped)
{
    size_t i = 0;
    *escaped = false;
    for (; i < s.len && s.ptr[i] != separator; i++)
        if (s.ptr[i] == '\\') {
            *escaped = true;
            i += i + 1 < s.len;
        }
    return i;
}

static struct slice unescape(struct slice s, struct arena *arena)
{
    char *out = arena_alloc(arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\\' && i + 1 < s.len)
            i++;
        out[n++] = s.ptr[i];
    }
    return slice_make(out, n);
}

bool text_list_next(struct slice *rest, char separator, struct slice *item, struct arena *arena)
{
    bool escaped;
    if (!rest->ptr)
        return false;
    size_t n = written_length(*rest, separator, &escaped);
    *item = slice_first(*rest, n);
    *rest = n < rest->len ? slice_skip(*rest, n + 1) : slice_make(NULL, 0);
    if (escaped)
        *item = unescape(*item, arena);
    return true;
}
