/* net_addr: see net_addr.h. */
#include "base/net_addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static void unmap(struct net_addr *a)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (a->family != AF_INET6 || memcmp(a->bytes, mapped, sizeof mapped) != 0)
        return;
    a->family = AF_INET;
    memmove(a->bytes, a->bytes + 12, 4);
    memset(a->bytes + 4, 0, 12);
}

bool net_addr_parse_ip(struct slice text, struct net_addr *out)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (strlen(copy) != text.len)
        return false;
    *out = (struct net_addr){0};
    out->family = slice_index(text, ':') >= 0 ? AF_INET6 : AF_INET;
    if (inet_pton(out->family, copy, out->bytes) != 1)
        return false;
    unmap(out);
    return true;
}

bool net_addr_parse_endpoint(struct slice text, struct net_addr *out)
{
    ptrdiff_t colon = slice_last_index(text, ':');
    uint64_t port;
    if (colon <= 0 || !slice_to_u64(slice_skip(text, (size_t)colon + 1), &port) || port > 65535)
        return false;
    struct slice host = slice_first(text, (size_t)colon);
    if (slice_eq(host, SLICE("*")))
        host = SLICE("0.0.0.0");
    else if (host.ptr[0] == '[' && host.len > 2 && host.ptr[host.len - 1] == ']')
        host = slice_make(host.ptr + 1, host.len - 2);
    else if (slice_index(host, ':') >= 0)
        return false;
    if (!net_addr_parse_ip(host, out))
        return false;
    out->port = (uint16_t)port;
    return true;
}

bool net_addr_from_sockaddr(const struct sockaddr *sa, struct net_addr *out)
{
    *out = (struct net_addr){.family = sa->sa_family};
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        memcpy(out->bytes, &in.sin_addr, 4);
        out->port = ntohs(in.sin_port);
    } else if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        memcpy(out->bytes, &in6.sin6_addr, 16);
        out->port = ntohs(in6.sin6_port);
        unmap(out);
    } else {
        out->family = 0;
        return false;
    }
    return true;
}

socklen_t net_addr_to_sockaddr(const struct net_addr *a, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == AF_INET) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
        memcpy(&in.sin_addr, a->bytes, 4);
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(a->port)};
    memcpy(&in6.sin6_addr, a->bytes, 16);
    memcpy(out, &in6, sizeof in6);
    return sizeof in6;
}

const char *net_addr_format_ip(const struct net_addr *a, char text[NET_ADDR_TEXT])
{
    if (a->family == 0 || !inet_ntop(a->family, a->bytes, text, NET_ADDR_TEXT))
        snprintf(text, NET_ADDR_TEXT, "unknown");
    return text;
}

const char *net_addr_format(const struct net_addr *a, char text[NET_ADDR_TEXT])
{
    char ip[NET_ADDR_TEXT];
    net_addr_format_ip(a, ip);
    snprintf(text, NET_ADDR_TEXT, a->family == AF_INET6 ? "[%.45s]:%u" : "%.45s:%u", ip, (unsigned)a->port);
    return text;
}

unsigned net_addr_bits(const struct net_addr *a)
{
    return a->family == AF_INET6 ? 128 : 32;
}

void net_addr_mask(struct net_addr *a, unsigned bits)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned keep = bits > i * 8 ? bits - i * 8 : 0;
        if (keep < 8)
            a->bytes[i] = (uint8_t)(a->bytes[i] & (0xff00u >> keep));
    }
}
