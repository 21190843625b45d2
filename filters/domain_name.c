/* domain_name: see domain_name.h. */
#include "filters/domain_name.h"

#include <idn2.h>

enum { TEXT_MAX = 1000 }; /* bytes of UTF-8 that are worth converting */

static bool is_valid_label(struct slice label, bool *digits)
{
    *digits = true;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.ptr[i];
        if (!ascii_is_alnum(c) && c != '-' && c != '_')
            return false;
        *digits = *digits && ascii_is_digit(c);
    }
    return label.len > 0 && label.len <= DOMAIN_LABEL_MAX;
}

bool domain_name_is_valid(struct slice name)
{
    size_t labels = 0;
    bool digits = true;
    struct slice rest = name, label;
    if (name.len == 0 || name.len > DOMAIN_NAME_MAX)
        return false;
    for (; slice_split(&rest, '.', &label); labels++)
        if (!is_valid_label(label, &digits))
            return false;
    return labels >= 2 && !digits;
}

static bool is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

static struct slice to_a_labels(struct slice text, struct arena *arena)
{
    char *converted = NULL;
    struct slice out = SLICE("");
    if (text.len > TEXT_MAX || memchr(text.ptr, '\0', text.len))
        return out;
    if (idn2_to_ascii_8z(arena_string(arena, text), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK)
        out = arena_lower(arena, slice_of(converted));
    idn2_free(converted);
    return out;
}

bool domain_name_normalise(struct slice text, struct arena *arena, struct slice *out)
{
    *out = SLICE("");
    if (text.len && text.ptr[text.len - 1] == '.')
        text.len--;
    struct slice name = is_ascii(text) ? arena_lower(arena, slice_first(text, TEXT_MAX)) : to_a_labels(text, arena);
    if (!domain_name_is_valid(name))
        return false;
    *out = name;
    return true;
}

bool domain_name_is_within(struct slice name, struct slice domain)
{
    if (name.len == domain.len)
        return slice_eq_nocase(name, domain);
    return slice_ends_nocase(name, domain) && name.ptr[name.len - domain.len - 1] == '.';
}
