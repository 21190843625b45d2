/* settings_check: see settings_check.h. */
#include "proxy/settings/settings_check.h"

#include "proxy/smtp/smtp_address.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>

struct checking {
    const struct settings *s;
    const struct conf_node *root;
    struct conf_errors *errors;
};

static const struct conf_node *find_node(const struct conf_node *root, const char *path)
{
    struct slice rest = slice_of(path), step;
    while (root && slice_split(&rest, '.', &step)) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", SLICE_FMT(step));
        root = conf_get(root, key);
    }
    return root;
}

/** Notes something about the option at path, where it stands or, if it is a default, for the file as a whole. */
__attribute__((format(printf, 4, 5))) static void tell(const struct checking *c, enum conf_severity severity, const char *path,
                                                       const char *format, ...)
{
    char text[1024];
    const struct conf_node *node = find_node(c->root, path);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *before = node ? "" : path, *between = node ? "" : ": ";
    node = node ? node : c->root;
    if (severity == CONF_ERROR)
        conf_error_at(c->errors, node, "%s%s%s", before, between, text);
    else
        conf_warning_at(c->errors, node, "%s%s%s", before, between, text);
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

static bool is_same(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static void check_hostname(const struct checking *c)
{
    struct slice name = slice_of(c->s->hostname);
    const struct conf_node *node = find_node(c->root, "hostname");
    bool given = node && slice_eq(node->text, name);
    if (!smtp_domain_valid(name))
        tell(c, CONF_ERROR, "hostname", "\"%s\" is not a domain name", c->s->hostname);
    else if (slice_index(name, '.') < 0)
        tell(c, CONF_WARNING, "hostname", "\"%s\"%s is not a full domain name such as mx.example.org; other hosts expect one",
             c->s->hostname, given ? "" : ", as this machine calls itself,");
}

static bool is_taken(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && (is_any(a) || is_any(b));
}

/** Two listeners that the system would not let both be bound. */
static void check_listener_pair(const struct checking *c, size_t i, size_t j)
{
    const struct listener_settings *a = &c->s->listeners[i], *b = &c->s->listeners[j];
    if (a->address.family && is_same(&a->address, &b->address))
        conf_error_at(c->errors, a->node, "the same address as listeners[%zu]", j);
    else if (a->address.family && is_taken(&a->address, &b->address))
        conf_error_at(c->errors, a->node, "cannot stand beside listeners[%zu]: one of them takes every address at this port", j);
}

static void check_listeners(const struct checking *c)
{
    const struct conf_node *node = conf_get(c->root, "listeners");
    if (c->s->listener_count == 0 && node && node->kind == CONF_LIST)
        conf_error_at(c->errors, node, "at least one address to listen at is needed");
    for (size_t i = 0; i < c->s->listener_count; i++)
        for (size_t j = 0; j < i; j++)
            check_listener_pair(c, i, j);
}

/** A listener on every address of the backend's family is reached by loopback, too. */
static bool is_reached_at(const struct net_addr *backend, const struct net_addr *listener)
{
    return is_same(backend, listener) || (is_taken(backend, listener) && is_any(listener) && is_loopback(backend));
}

static void check_backend(const struct checking *c, const struct backend_settings *b)
{
    if (b->address.family == 0)
        return;
    if (is_any(&b->address))
        conf_error_at(c->errors, b->node, "a backend needs the address of one host");
    for (size_t i = 0; i < c->s->listener_count; i++)
        if (is_reached_at(&b->address, &c->s->listeners[i].address))
            conf_error_at(c->errors, b->node, "mail would go round in a loop: this is the address of listeners[%zu]", i);
    if (b->identity == IDENTITY_NONE)
        conf_warning_at(c->errors, b->node,
                        "identity none: the backend sees every client as this proxy; make sure that it does not relay for our address");
}

static void check_backends(const struct checking *c)
{
    const struct conf_node *node = conf_get(c->root, "backends");
    if (c->s->backend_count == 0 && node && node->kind == CONF_MAP)
        conf_error_at(c->errors, node, "at least one backend is needed");
    if (c->s->backend_count > 1)
        conf_warning_at(c->errors, node, "only the first backend, \"%s\", is used", c->s->backends[0].name);
    for (size_t i = 0; i < c->s->backend_count; i++)
        check_backend(c, &c->s->backends[i]);
}

static void check_dns_servers(const struct checking *c)
{
    const char *const *servers = c->s->dns.servers.items;
    for (size_t i = 0; i < c->s->dns.servers.count; i++) {
        struct slice rest = slice_of(servers[i]), host;
        struct net_addr addr;
        uint64_t port = 53;
        slice_split(&rest, '@', &host);
        if (!net_addr_parse_ip(host, &addr) || (rest.ptr && (!slice_to_u64(rest, &port) || port == 0 || port > 65535)))
            tell(c, CONF_ERROR, "dns.servers", "\"%s\" is not an address such as 192.0.2.53 or 127.0.0.1@5301", servers[i]);
    }
}

static void check_log(const struct checking *c)
{
    static const char *const words[] = {"stderr", "syslog"};
    const char *to = c->s->log.to;
    if (!to || to[0] == '/' || strcmp(to, "stderr") == 0 || strcmp(to, "syslog") == 0)
        return;
    const char *meant = conf_nearest(slice_of(to), words, 2);
    tell(c, CONF_ERROR, "log.to", "must be stderr, syslog or the absolute path of a file, not \"%s\"%s%s%s", to,
         meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

static void check_directory(const struct checking *c, const char *path, const char *directory, const char *consequence)
{
    struct stat st;
    if (!directory)
        return;
    if (stat(directory, &st) != 0)
        tell(c, CONF_WARNING, path, "%s: %s; %s", directory, strerror(errno), consequence);
    else if (!S_ISDIR(st.st_mode))
        tell(c, CONF_ERROR, path, "%s is not a directory", directory);
}

static void check_file(const struct checking *c, const char *path, const char *file)
{
    struct stat st;
    if (file && stat(file, &st) != 0)
        tell(c, CONF_ERROR, path, "%s: %s", file, strerror(errno));
}

static void check_files(const struct checking *c)
{
    const struct settings *s = c->s;
    if (!s->spool.directory)
        tell(c, CONF_ERROR, "spool.directory", "a directory is needed");
    check_directory(c, "spool.directory", s->spool.directory, "messages larger than spool.memory_per_message would be deferred");
    check_directory(c, "state.directory", s->state.directory, "rate limits would be unknown");
    check_file(c, "dns.zone_file", s->dns.zone_file);
    check_file(c, "dns.trust_anchor", s->dns.trust_anchor);
}

static void check_sizes(const struct checking *c)
{
    const struct settings *s = c->s;
    if (s->limits.message_size > s->spool.disk_total && s->limits.message_size > s->spool.memory_per_message)
        tell(c, CONF_WARNING, "limits.message_size", "a message of this size does not fit into spool.disk_total");
}

void settings_check(const struct settings *s, const struct conf_node *root, struct conf_errors *errors)
{
    const struct checking c = {s, root, errors};
    check_hostname(&c);
    check_listeners(&c);
    check_backends(&c);
    check_dns_servers(&c);
    check_log(&c);
    check_files(&c);
    check_sizes(&c);
}
