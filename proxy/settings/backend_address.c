/* backend_address: see backend_address.h. */
#include "proxy/settings/backend_address.h"

#include "base/dns/dns_name.h"

enum { SMTP_PORT = 25, UNIX_PATH_MAX = 107 };

static const char *keep_lower(struct slice text, struct arena *arena)
{
    char *copy = arena_string(arena, text);
    for (char *c = copy; *c; c++)
        *c = ascii_lower(*c);
    return copy;
}

/* Letters, digits, hyphens and underscores in legal labels; a name of digits and dots is an address that was mistyped. */
static bool is_host_name(struct slice name)
{
    bool letter = false;
    for (size_t i = 0; i < name.len; i++) {
        char c = ascii_lower(name.ptr[i]);
        letter = letter || (c >= 'a' && c <= 'z');
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
            return false;
    }
    return letter && dns_name_legal(name);
}

static bool split_port(struct slice *name, uint16_t *port)
{
    uint64_t number;
    ptrdiff_t colon = slice_last_index(*name, ':');
    if (colon < 0)
        return false;
    if (!slice_to_u64(slice_skip(*name, (size_t)colon + 1), &number) || number == 0 || number > 65535)
        return false;
    *port = (uint16_t)number;
    *name = slice_first(*name, (size_t)colon);
    return true;
}

static const char *parse_unix(struct slice path, struct arena *arena, struct backend_address *out)
{
    out->kind = BACKEND_UNIX;
    out->name = arena_string(arena, path);
    if (path.len == 0 || path.ptr[0] != '/' || strlen(out->name) != path.len)
        return "a unix socket is named by its absolute path, such as unix:/run/mta/smtp";
    return path.len > UNIX_PATH_MAX ? "the path is too long for a unix socket" : NULL;
}

static const char *parse_srv(struct slice name, struct arena *arena, struct backend_address *out)
{
    out->kind = BACKEND_SRV;
    out->name = keep_lower(name, arena);
    return is_host_name(name) ? NULL : "a service is named such as srv:_smtp._tcp.example.org, without a port";
}

static const char *parse_mx(struct slice name, struct arena *arena, struct backend_address *out)
{
    out->kind = BACKEND_MX;
    out->port = SMTP_PORT;
    split_port(&name, &out->port);
    out->name = keep_lower(name, arena);
    return is_host_name(name) ? NULL : "a mail domain is named such as mx:example.org";
}

static const char *parse_host(struct slice name, struct arena *arena, struct backend_address *out)
{
    out->kind = BACKEND_NAME;
    bool port = split_port(&name, &out->port);
    out->name = keep_lower(name, arena);
    if (port && is_host_name(name))
        return NULL;
    return "a server is an address or a name with a port (192.0.2.1:25, \"[2001:db8::1]:25\", mail.example.org:25), mx:DOMAIN, srv:SERVICE "
           "or unix:/PATH";
}

const char *backend_address_parse(struct slice text, struct arena *arena, struct backend_address *out)
{
    *out = (struct backend_address){.kind = BACKEND_IP};
    if (slice_starts(text, SLICE("unix:")))
        return parse_unix(slice_skip(text, 5), arena, out);
    if (slice_starts_nocase(text, SLICE("srv:")))
        return parse_srv(slice_skip(text, 4), arena, out);
    if (slice_starts_nocase(text, SLICE("mx:")))
        return parse_mx(slice_skip(text, 3), arena, out);
    if (net_addr_parse_endpoint(text, &out->ip) && out->ip.port)
        return NULL;
    return parse_host(text, arena, out);
}

bool backend_address_is_name(const struct backend_address *address)
{
    return address->kind == BACKEND_NAME || address->kind == BACKEND_MX || address->kind == BACKEND_SRV;
}

static bool is_same_ip(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool backend_address_same(const struct backend_address *a, const struct backend_address *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == BACKEND_IP)
        return is_same_ip(&a->ip, &b->ip);
    return a->port == b->port && strcmp(a->name, b->name) == 0;
}
