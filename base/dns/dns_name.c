/* dns_name: see dns_name.h. */
#include "base/dns/dns_name.h"

enum { LABEL_MAX = 63, NAME_MAX_BYTES = 253 };

/** Takes one byte of the name off *rest; *separator tells a dot between labels from a dot within one. */
static uint8_t take_byte(struct slice *rest, bool *separator)
{
    const char *p = rest->ptr;
    *separator = p[0] == '.';
    if (p[0] == '\\' && rest->len >= 4 && ascii_is_digit(p[1]) && ascii_is_digit(p[2]) && ascii_is_digit(p[3])) {
        unsigned value = (unsigned)(p[1] - '0') * 100 + (unsigned)(p[2] - '0') * 10 + (unsigned)(p[3] - '0');
        if (value <= 255) {
            *rest = slice_skip(*rest, 4);
            return (uint8_t)value;
        }
    }
    *rest = slice_skip(*rest, 1);
    return (uint8_t)p[0];
}

static size_t add_decimal(char *out, size_t at, uint8_t byte)
{
    out[at] = '\\';
    out[at + 1] = (char)('0' + byte / 100);
    out[at + 2] = (char)('0' + byte / 10 % 10);
    out[at + 3] = (char)('0' + byte % 10);
    return at + 4;
}

/** Walks the name; writes it to out unless that is NULL. Returns whether it is legal. */
static bool walk_name(struct slice name, char *out)
{
    size_t total = 0, label = 0, at = 0;
    if (name.len && name.ptr[name.len - 1] == '.')
        name.len--;
    while (name.len) {
        bool separator;
        uint8_t byte = take_byte(&name, &separator);
        if (++total > NAME_MAX_BYTES || (separator && label == 0) || (!separator && label == LABEL_MAX))
            return false;
        label = separator ? 0 : label + 1;
        if (!out)
            continue;
        if (separator || ascii_is_alnum((char)byte) || byte == '-' || byte == '_')
            out[at++] = (char)byte;
        else
            at = add_decimal(out, at, byte);
    }
    if (out)
        out[at] = '\0';
    return label > 0;
}

bool dns_name_legal(struct slice name)
{
    return walk_name(name, NULL);
}

bool dns_name_escape(struct slice name, char out[DNS_NAME_TEXT])
{
    return walk_name(name, out);
}

size_t dns_name_add_label(char *out, size_t at, const uint8_t *label, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (label[i] > 0x20 && label[i] < 0x7f && label[i] != '.' && label[i] != '\\')
            out[at++] = ascii_lower((char)label[i]);
        else
            at = add_decimal(out, at, label[i]);
    }
    return at;
}
