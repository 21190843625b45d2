/* identity_text: see identity_text.h. */
#include "proxy/backend/identity_text.h"

#define UNAVAILABLE "[UNAVAILABLE]"

static void add_xtext(struct buf *out, struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c > 32 && c < 127 && c != '+' && c != '=')
            buf_add_byte(out, (char)c);
        else
            buf_add_format(out, "+%02X", c);
    }
}

void identity_add_text(struct buf *out, bool wanted, const char *name, struct slice value)
{
    if (!wanted)
        return;
    buf_add_format(out, " %s=", name);
    if (slice_empty(value))
        buf_add_text(out, UNAVAILABLE);
    else
        add_xtext(out, value);
}

void identity_add_address(struct buf *out, bool wanted, const char *name, const struct net_addr *address)
{
    char ip[NET_ADDR_TEXT];
    if (!wanted)
        return;
    if (address->family)
        buf_add_format(out, " %s=%s%s", name, address->family == AF_INET6 ? "IPV6:" : "", net_addr_format_ip(address, ip));
    else
        buf_add_format(out, " %s=" UNAVAILABLE, name);
}

void identity_add_port(struct buf *out, bool wanted, const char *name, const struct net_addr *address)
{
    if (!wanted)
        return;
    if (address->port)
        buf_add_format(out, " %s=%u", name, (unsigned)address->port);
    else
        buf_add_format(out, " %s=" UNAVAILABLE, name);
}
