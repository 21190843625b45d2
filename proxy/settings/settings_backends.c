/* settings_backends: see settings_backends.h. */
#include "proxy/settings/settings_backends.h"

#include "proxy/settings/settings_tell.h"

#include <unistd.h>

size_t settings_worker_count(const struct settings *s)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return s->workers ? (size_t)s->workers : (size_t)(cores > 0 ? cores : 1);
}

bool settings_need_transparency(const struct settings *s)
{
    bool needed = false;
    for (size_t i = 0; i < s->backend_count; i++)
        needed = needed || s->backends[i].identity == IDENTITY_TRANSPARENT;
    return needed;
}

static const struct conf_node *node_of(const struct backend_settings *b, const struct server_settings *server)
{
    return server->node ? server->node : b->node;
}

/** `address` is short for one server. */
static void expand_address(const struct settings_checking *c, struct backend_settings *b)
{
    const struct conf_node *given = conf_get(b->node, "address");
    if (b->servers.count) {
        if (given && b->address && strcmp(b->address, SETTINGS_DEFAULT_ADDRESS) != 0)
            conf_error_at(c->errors, given, "address is short for one server: not beside servers");
        return;
    }
    if (!b->address)
        conf_error_at(c->errors, b->node, "\"address\" or \"servers\" is missing");
    struct server_settings *server = arena_alloc(c->s->arena, sizeof *server);
    server->address = b->address ? b->address : "";
    server->weight = 1;
    server->node = given;
    b->servers = (struct option_list){1, server};
}

static bool is_any(const struct net_addr *a)
{
    static const uint8_t zero[16];
    return memcmp(a->bytes, zero, sizeof zero) == 0;
}

static bool is_loopback(const struct net_addr *a)
{
    static const uint8_t one[16] = {[15] = 1};
    return a->family == AF_INET ? a->bytes[0] == 127 : memcmp(a->bytes, one, sizeof one) == 0;
}

/** RFC 1918, RFC 4193, link-local: what a mail server often takes for its own network. */
static bool is_private(const struct net_addr *a)
{
    const uint8_t *b = a->bytes;
    if (a->family == AF_INET6)
        return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
    return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254);
}

/** A listener on every address of the server's family is reached by loopback, too. */
static bool is_reached_at(const struct net_addr *server, const struct net_addr *listener)
{
    if (server->family != listener->family || server->port != listener->port)
        return false;
    return memcmp(server->bytes, listener->bytes, sizeof server->bytes) == 0 || (is_any(listener) && is_loopback(server));
}

static void check_ip(const struct settings_checking *c, const struct backend_settings *b, const struct server_settings *server)
{
    const struct net_addr *ip = &server->parsed.ip;
    if (is_any(ip))
        conf_error_at(c->errors, b->node, "a backend needs the address of one host");
    for (size_t i = 0; i < c->s->listener_count; i++)
        if (is_reached_at(ip, &c->s->listeners[i].address))
            conf_error_at(c->errors, b->node, "mail would go round in a loop: this is the address of listeners[%zu]", i);
}

static void check_twice(const struct settings_checking *c, const struct backend_settings *b, size_t i)
{
    const struct server_settings *servers = b->servers.items;
    for (size_t j = 0; j < i; j++)
        if (backend_address_same(&servers[i].parsed, &servers[j].parsed))
            conf_error_at(c->errors, node_of(b, &servers[i]), "the same server as servers[%zu]", j);
}

static void load_server(const struct settings_checking *c, struct backend_settings *b, size_t i)
{
    struct server_settings *servers = b->servers.items, *server = &servers[i];
    size_t known = c->errors->errors;
    const char *error = server->address ? backend_address_parse(slice_of(server->address), c->s->arena, &server->parsed) : NULL;
    if (!server->address || !server->address[0])
        return; /* its absence was told */
    if (error)
        conf_error_at(c->errors, node_of(b, server), "\"%.100s\": %s", server->address, error);
    else if (server->parsed.kind == BACKEND_IP)
        check_ip(c, b, server);
    if (!error && b->identity == IDENTITY_TRANSPARENT && server->parsed.kind == BACKEND_UNIX)
        conf_error_at(c->errors, node_of(b, server), "identity transparent does not go with a unix socket");
    if (c->errors->errors == known)
        check_twice(c, b, i);
}

/** Why a server is likely to take us for one of its own; NULL: it is not. */
static const char *find_danger(const struct backend_settings *b)
{
    const struct server_settings *servers = b->servers.items;
    for (size_t i = 0; i < b->servers.count; i++) {
        const struct backend_address *a = &servers[i].parsed;
        if (a->kind == BACKEND_UNIX)
            return ", and over a unix socket many take it for local";
        if (a->kind == BACKEND_IP && is_loopback(&a->ip))
            return ", which is that of its own machine, and most relay for that";
        if (a->kind == BACKEND_IP && is_private(&a->ip))
            return ", which is a private one, and many relay for those";
    }
    return "";
}

static void warn_identity(const struct settings_checking *c, const struct backend_settings *b)
{
    if (b->identity == IDENTITY_NONE)
        conf_warning_at(c->errors, b->node,
                        "identity none: the backend sees every client as this proxy; make sure that it does not relay for our address%s",
                        find_danger(b));
    if (b->identity == IDENTITY_XFORWARD)
        conf_warning_at(c->errors, b->node,
                        "identity xforward: the backend logs who the client is, but its rules see this proxy; make sure that it does not "
                        "relay for our address%s",
                        find_danger(b));
}

static void load_backend(const struct settings_checking *c, struct backend_settings *b)
{
    expand_address(c, b);
    for (size_t i = 0; i < b->servers.count; i++)
        load_server(c, b, i);
    warn_identity(c, b);
}

/** section: where the backend is named. NULL stands for the index that others have. */
static size_t find_backend(const struct settings_checking *c, const char *name, const struct conf_node *section, size_t otherwise)
{
    const struct settings *s = c->s;
    const char **names = arena_alloc(s->arena, (s->backend_count + 1) * sizeof *names);
    if (!name)
        return otherwise;
    for (size_t i = 0; i < s->backend_count; i++) {
        names[i] = s->backends[i].name;
        if (strcmp(names[i], name) == 0)
            return i;
    }
    const char *meant = conf_nearest(slice_of(name), names, s->backend_count);
    conf_error_at(c->errors, conf_get(section, "backend"), "there is no backend \"%s\" under backends%s%s%s", name,
                  meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
    return otherwise;
}

static void join_listener(const struct settings_checking *c, struct listener_settings *l, bool *used)
{
    struct rcpt_route *routes = l->routes.items;
    l->backend_index = find_backend(c, l->backend, l->node, 0);
    used[l->backend_index] = true;
    for (size_t i = 0; i < l->routes.count; i++) {
        routes[i].backend_index = find_backend(c, routes[i].backend, routes[i].node, l->backend_index);
        used[routes[i].backend_index] = true;
        if (!routes[i].policy && !routes[i].backend)
            conf_error_at(c->errors, routes[i].node, "\"policy\" or \"backend\" is missing");
    }
}

static void join_listeners(const struct settings_checking *c, struct settings *s)
{
    bool *used = arena_alloc(s->arena, (s->backend_count + 1) * sizeof *used);
    for (size_t i = 0; i < s->listener_count; i++)
        join_listener(c, &s->listeners[i], used);
    for (size_t i = 0; i < s->backend_count; i++)
        if (!used[i])
            conf_warning_at(c->errors, s->backends[i].node, "no listener uses this backend");
}

void settings_prepare_backends(struct settings *s, const struct conf_node *root, struct conf_errors *errors)
{
    const struct settings_checking c = {s, root, errors};
    const struct conf_node *node = conf_get(root, "backends");
    if (s->backend_count == 0 && node && node->kind == CONF_MAP)
        conf_error_at(errors, node, "at least one backend is needed");
    for (size_t i = 0; i < s->backend_count; i++)
        load_backend(&c, &s->backends[i]);
    join_listeners(&c, s);
}
