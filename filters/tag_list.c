/* tag_list: see tag_list.h. */
#include "filters/tag_list.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]) && s.ptr[i] != '_')
            return false;
    return s.len > 0 && ascii_is_alpha(s.ptr[0]);
}

/* Line ends only as CRLF. Bytes of 0x80 and above may stand in d= and s= (RFC 8616 §5). */
static bool is_value(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '\r' && i + 1 < s.len && s.ptr[i + 1] == '\n')
            i++;
        else if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool add_tag(struct tag_list *list, struct slice part)
{
    ptrdiff_t equals = slice_index(part, '=');
    if (equals < 1 || list->count == TAG_LIST_MAX)
        return false;
    struct tag *tag = &list->tags[list->count];
    tag->name = slice_trim(slice_first(part, (size_t)equals));
    tag->extent = slice_skip(part, (size_t)equals + 1);
    tag->value = slice_trim(tag->extent);
    for (size_t i = 0; i < list->count; i++)
        if (slice_eq(list->tags[i].name, tag->name))
            return false;
    list->count++;
    return is_name(tag->name) && is_value(tag->extent);
}

bool tag_list_parse(struct slice text, struct tag_list *out)
{
    struct slice part;
    out->count = 0;
    while (slice_split(&text, ';', &part)) {
        bool last = text.ptr == NULL;
        if (last && slice_trim(part).len == 0)
            break; /* one semicolon may end the list */
        if (!add_tag(out, part))
            return false;
    }
    return out->count > 0;
}

const struct tag *tag_list_find(const struct tag_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_eq(list->tags[i].name, slice_of(name)))
            return &list->tags[i];
    return NULL;
}

struct slice tag_list_value(const struct tag_list *list, const char *name)
{
    const struct tag *tag = tag_list_find(list, name);
    return tag ? tag->value : SLICE("");
}

struct slice tag_value_compact(struct slice value, struct arena *arena)
{
    char *out = arena_alloc(arena, value.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < value.len; i++)
        if (!is_blank(value.ptr[i]))
            out[n++] = value.ptr[i];
    return slice_make(out, n);
}
