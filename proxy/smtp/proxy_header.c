/* proxy_header: see proxy_header.h. */
#include "proxy/smtp/proxy_header.h"

enum { LINE_MAX_1 = 107, FIXED_2 = 16, LOCAL = 0x20, PROXY = 0x21, STREAM_4 = 0x11, STREAM_6 = 0x21, ADDRESSES_4 = 12, ADDRESSES_6 = 36 };

static const char signature[12] = {'\r', '\n', '\r', '\n', '\0', '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

/* Version 1. */

static bool parse_port(struct slice text, uint16_t *port)
{
    uint64_t value;
    if (text.len > 5 || (text.len > 1 && text.ptr[0] == '0') || !slice_to_u64(text, &value) || value > 65535)
        return false;
    *port = (uint16_t)value;
    return true;
}

static bool parse_address(struct slice text, sa_family_t family, struct net_addr *out)
{
    bool four = slice_index(text, ':') < 0;
    return net_addr_parse_ip(text, out) && four == (family == AF_INET);
}

static bool parse_words(struct slice rest, struct proxy_header *out)
{
    struct slice words[5];
    size_t count = 0;
    while (count < 5 && slice_split(&rest, ' ', &words[count]))
        count++;
    if (count >= 1 && slice_eq(words[0], SLICE("UNKNOWN")))
        return true;
    sa_family_t family = count && slice_eq(words[0], SLICE("TCP4")) ? AF_INET : AF_INET6;
    if (count != 5 || rest.ptr || (family == AF_INET6 && !slice_eq(words[0], SLICE("TCP6"))))
        return false;
    return parse_address(words[1], family, &out->source) && parse_address(words[2], family, &out->destination) &&
           parse_port(words[3], &out->source.port) && parse_port(words[4], &out->destination.port);
}

static enum proxy_header_status parse_line(struct slice input, struct proxy_header *out)
{
    struct slice prefix = SLICE("PROXY ");
    struct slice line = slice_first(input, LINE_MAX_1);
    if (!slice_eq(slice_first(line, prefix.len), slice_first(prefix, line.len)))
        return PROXY_HEADER_BAD;
    const char *end = line.len ? memmem(line.ptr, line.len, "\r\n", 2) : NULL;
    if (!end)
        return line.len < LINE_MAX_1 ? PROXY_HEADER_MORE : PROXY_HEADER_BAD;
    size_t length = (size_t)(end - line.ptr);
    if (!parse_words(slice_skip(slice_first(line, length), prefix.len), out)) {
        *out = (struct proxy_header){0};
        return PROXY_HEADER_BAD;
    }
    out->length = length + 2;
    return PROXY_HEADER_OK;
}

/* Version 2. */

static unsigned byte_at(struct slice s, size_t i)
{
    return (unsigned char)s.ptr[i];
}

static unsigned word_at(struct slice s, size_t i)
{
    return byte_at(s, i) << 8 | byte_at(s, i + 1);
}

static struct net_addr address_at(struct slice s, size_t at, sa_family_t family, size_t port_at)
{
    struct net_addr addr = {.family = family, .port = (uint16_t)word_at(s, port_at)};
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    memcpy(addr.bytes, s.ptr + at, family == AF_INET ? 4 : 16);
    if (family == AF_INET6 && memcmp(addr.bytes, mapped, sizeof mapped) == 0) {
        addr.family = AF_INET;
        memmove(addr.bytes, addr.bytes + 12, 4);
        memset(addr.bytes + 4, 0, 12);
    }
    return addr;
}

/* Type, length, value: their bounds are checked, what they say is not needed. */
static bool extensions_are_whole(struct slice rest)
{
    while (rest.len) {
        if (rest.len < 3 || rest.len - 3 < word_at(rest, 1))
            return false;
        rest = slice_skip(rest, (size_t)3 + word_at(rest, 1));
    }
    return true;
}

static bool parse_body(unsigned command, unsigned family, struct slice body, struct proxy_header *out)
{
    size_t addresses = family == STREAM_4 ? ADDRESSES_4 : family == STREAM_6 ? ADDRESSES_6 : 0;
    if (command == LOCAL || addresses == 0)
        return true; /* other families are no clients of ours: the load balancer speaks for itself */
    if (body.len < addresses || !extensions_are_whole(slice_skip(body, addresses)))
        return false;
    size_t width = family == STREAM_4 ? 4 : 16;
    sa_family_t kind = family == STREAM_4 ? AF_INET : AF_INET6;
    out->source = address_at(body, 0, kind, 2 * width);
    out->destination = address_at(body, width, kind, 2 * width + 2);
    return true;
}

static enum proxy_header_status parse_binary(struct slice input, struct proxy_header *out)
{
    if (input.len < FIXED_2)
        return PROXY_HEADER_MORE;
    unsigned command = byte_at(input, 12), length = word_at(input, 14);
    if ((command != LOCAL && command != PROXY) || FIXED_2 + length > PROXY_HEADER_MAX)
        return PROXY_HEADER_BAD;
    if (input.len < FIXED_2 + length)
        return PROXY_HEADER_MORE;
    if (!parse_body(command, byte_at(input, 13), slice_make(input.ptr + FIXED_2, length), out))
        return PROXY_HEADER_BAD;
    out->length = FIXED_2 + length;
    return PROXY_HEADER_OK;
}

enum proxy_header_status proxy_header_parse(struct slice input, struct proxy_header *out)
{
    struct slice mark = slice_make(signature, sizeof signature);
    *out = (struct proxy_header){0};
    if (slice_eq(slice_first(input, mark.len), slice_first(mark, input.len)))
        return parse_binary(input, out);
    return parse_line(input, out);
}

static void add_port(struct buf *out, uint16_t port)
{
    buf_add_byte(out, (char)(port >> 8));
    buf_add_byte(out, (char)(port & 0xff));
}

void proxy_header_format(struct buf *out, const struct net_addr *source, const struct net_addr *destination)
{
    bool known = source->family && source->family == destination->family, four = source->family == AF_INET;
    uint16_t length = known ? (four ? ADDRESSES_4 : ADDRESSES_6) : 0;
    buf_add(out, slice_make(signature, sizeof signature));
    buf_add_byte(out, known ? PROXY : LOCAL);
    buf_add_byte(out, (char)(!known ? 0 : four ? STREAM_4 : STREAM_6));
    add_port(out, length);
    if (!known)
        return;
    buf_add(out, slice_make((const char *)source->bytes, four ? 4 : 16));
    buf_add(out, slice_make((const char *)destination->bytes, four ? 4 : 16));
    add_port(out, source->port);
    add_port(out, destination->port);
}
