/* xclient: see xclient.h. */
#include "proxy/backend/xclient.h"

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

static void add_attribute(struct buf *out, bool wanted, const char *name, struct slice value)
{
    if (!wanted)
        return;
    buf_add_format(out, " %s=", name);
    if (slice_empty(value))
        buf_add_text(out, "[UNAVAILABLE]");
    else
        add_xtext(out, value);
}

/* An IPv6 address carries a prefix in XCLIENT, an IPv4 address does not. */
static void add_address(struct buf *out, bool wanted, const char *name, const struct net_addr *addr)
{
    char ip[NET_ADDR_TEXT];
    if (wanted && addr->family)
        buf_add_format(out, " %s=%s%s", name, addr->family == AF_INET6 ? "IPV6:" : "", net_addr_format_ip(addr, ip));
}

static void add_port(struct buf *out, bool wanted, const char *name, const struct net_addr *addr)
{
    if (wanted && addr->port)
        buf_add_format(out, " %s=%u", name, (unsigned)addr->port);
}

void xclient_format(struct buf *out, const struct mail_session *client, const struct backend_offer *offer)
{
    buf_add_text(out, "XCLIENT");
    add_attribute(out, offer->xclient_name, "NAME", (struct slice){NULL, 0});
    add_address(out, offer->xclient_addr, "ADDR", &client->client);
    add_port(out, offer->xclient_port, "PORT", &client->client);
    add_attribute(out, offer->xclient_helo, "HELO", client->helo);
    add_attribute(out, offer->xclient_proto, "PROTO", slice_of(client->esmtp ? "ESMTP" : "SMTP"));
    add_address(out, offer->xclient_destaddr, "DESTADDR", &client->listener);
    add_port(out, offer->xclient_destport, "DESTPORT", &client->listener);
    if (!slice_empty(client->auth_user))
        add_attribute(out, offer->xclient_login, "LOGIN", client->auth_user);
}
