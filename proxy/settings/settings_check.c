/* settings_check: see settings_check.h. */
#include "proxy/settings/settings_check.h"

#include "proxy/settings/settings_files.h"
#include "proxy/smtp/smtp_address.h"

enum { HELP_URL_MAX = 200 };

static bool is_any(const struct net_addr *a)
{
    static const uint8_t zero[16];
    return memcmp(a->bytes, zero, sizeof zero) == 0;
}

static bool is_same(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static void check_hostname(const struct settings_checking *c)
{
    struct slice name = slice_of(c->s->hostname);
    const struct conf_node *node = settings_find_node(c->root, "hostname");
    bool given = node && slice_eq(node->text, name);
    if (!smtp_domain_valid(name))
        settings_tell(c, CONF_ERROR, "hostname", "\"%s\" is not a domain name", c->s->hostname);
    else if (slice_index(name, '.') < 0)
        settings_tell(c, CONF_WARNING, "hostname", "\"%s\"%s is not a full domain name such as mx.example.org; other hosts expect one",
                      c->s->hostname, given ? "" : ", as this machine calls itself,");
}

static bool is_url(struct slice text)
{
    static const struct slice schemes[] = {{"https://", 8}, {"http://", 7}, {"mailto:", 7}};
    bool known = false;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        known |= slice_starts_nocase(text, schemes[i]) && text.len > schemes[i].len;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == '<' || text.ptr[i] == '>' || text.ptr[i] == '"')
            return false;
    return known && text.len <= HELP_URL_MAX;
}

/** It is sent in replies as it stands here. */
static void check_help_url(const struct settings_checking *c)
{
    if (c->s->help_url && !is_url(slice_of(c->s->help_url)))
        settings_tell(c, CONF_ERROR, "help_url", "must be an http:, https: or mailto: address in printable ASCII, at most %d bytes",
                      HELP_URL_MAX);
}

static bool is_taken(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && (is_any(a) || is_any(b));
}

/** Two listeners that the system would not let both be bound. */
static void check_listener_pair(const struct settings_checking *c, size_t i, size_t j)
{
    const struct listener_settings *a = &c->s->listeners[i], *b = &c->s->listeners[j];
    if (a->address.family && is_same(&a->address, &b->address))
        conf_error_at(c->errors, a->node, "the same address as listeners[%zu]", j);
    else if (a->address.family && is_taken(&a->address, &b->address))
        conf_error_at(c->errors, a->node, "cannot stand beside listeners[%zu]: one of them takes every address at this port", j);
}

static void check_listeners(const struct settings_checking *c)
{
    const struct conf_node *node = conf_get(c->root, "listeners");
    if (c->s->listener_count == 0 && node && node->kind == CONF_LIST)
        conf_error_at(c->errors, node, "at least one address to listen at is needed");
    for (size_t i = 0; i < c->s->listener_count; i++)
        for (size_t j = 0; j < i; j++)
            check_listener_pair(c, i, j);
}

static void check_dns_servers(const struct settings_checking *c)
{
    const char *const *servers = c->s->dns.servers.items;
    for (size_t i = 0; i < c->s->dns.servers.count; i++) {
        struct slice rest = slice_of(servers[i]), host;
        struct net_addr addr;
        uint64_t port = 53;
        slice_split(&rest, '@', &host);
        if (!net_addr_parse_ip(host, &addr) || (rest.ptr && (!slice_to_u64(rest, &port) || port == 0 || port > 65535)))
            settings_tell(c, CONF_ERROR, "dns.servers", "\"%s\" is not an address such as 192.0.2.53 or 127.0.0.1@5301", servers[i]);
    }
}

static void check_sizes(const struct settings_checking *c)
{
    const struct settings *s = c->s;
    if (s->limits.message_size > s->spool.disk_total && s->limits.message_size > s->spool.memory_per_message)
        settings_tell(c, CONF_WARNING, "limits.message_size", "a message of this size does not fit into spool.disk_total");
}

void settings_check(const struct settings *s, const struct conf_node *root, struct conf_errors *errors)
{
    const struct settings_checking c = {s, root, errors};
    check_hostname(&c);
    check_help_url(&c);
    check_listeners(&c);
    check_dns_servers(&c);
    settings_check_files(&c);
    check_sizes(&c);
}
