/* dns_context: see dns_context.h.
 *
 * libunbound's defaults are made for a program that looks up one name; here they are set for thousands at once. Where names come
 * from: the servers given ("system": those of /etc/resolv.conf), else the root downwards; with a static zone and no servers,
 * from that zone alone. */
#include "base/dns/dns_context.h"

#include "base/dns/dns_zone.h"
#include "base/mem.h"
#include "base/net_addr.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <unbound.h>

#include <unbound-event.h>

struct setup {
    struct ub_ctx *ub;
    const struct dns_options *options;
    const char **error;
};

/** Texts that cannot be static live here: one process sets up one resolver at a time. */
static char error_text[256];

static bool set(struct setup *s, const char *name, const char *value)
{
    if (ub_ctx_set_option(s->ub, name, value) == 0)
        return true;
    snprintf(error_text, sizeof error_text, "the DNS library refuses \"%s %s\"", name, value);
    *s->error = error_text;
    return false;
}

static bool set_number(struct setup *s, const char *name, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return set(s, name, text);
}

static bool set_all(struct setup *s, const char *const (*pairs)[2])
{
    for (; (*pairs)[0]; pairs++)
        if (!set(s, (*pairs)[0], (*pairs)[1]))
            return false;
    return true;
}

/** Whether the kernel knows a way to that address. Sends nothing: connecting a datagram socket only looks up the route. */
static bool has_route(const char *address)
{
    struct net_addr to;
    struct sockaddr_storage storage;
    if (!net_addr_parse_ip(slice_of(address), &to))
        return false;
    to.port = 53;
    socklen_t len = net_addr_to_sockaddr(&to, &storage);
    int fd = socket(to.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool ok = connect(fd, (const struct sockaddr *)&storage, len) == 0;
    close(fd);
    return ok;
}

/** Each query in flight needs a socket: at most a quarter of what this process may open, the rest is for sessions. */
static int64_t socket_limit(void)
{
    enum { MOST = 4096, LEAST = 64 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return LEAST;
    rlim_t quarter = limit.rlim_cur / 4;
    if (quarter > MOST)
        return MOST;
    return quarter < LEAST ? LEAST : (int64_t)quarter;
}

unsigned dns_context_queries(void)
{
    enum { LEAST = 1024 };
    int64_t sockets = socket_limit();
    return sockets < LEAST ? LEAST : (unsigned)sockets;
}

/** A forwarder answers at once what it has cached and late what it has to find out: its usual speed says nothing about the next name.
 *  The library sends a question four times, waiting 1, 1, 2 and 4 times this at least: together as long as a query may take. */
static bool set_patience(struct setup *s)
{
    enum { WAITS = 8, LEAST = 50 };
    int64_t least = s->options->timeout_ms / WAITS;
    return s->options->forward_count == 0 || set_number(s, "infra-cache-min-rtt:", least > LEAST ? least : LEAST);
}

static bool set_sizes(struct setup *s)
{
    enum { FORGET_SERVERS = 10, FORGET_AUTHORITIES = 60 }; /* seconds; until then one that was down is not tried again */
    int64_t forget = s->options->forward_count ? FORGET_SERVERS : FORGET_AUTHORITIES;
    int64_t cache = s->options->cache_bytes > 0 ? s->options->cache_bytes : 4 * 1024 * 1024;
    return set_number(s, "outgoing-range:", socket_limit()) && set_number(s, "num-queries-per-thread:", socket_limit()) &&
           set_number(s, "msg-cache-size:", cache) && set_number(s, "rrset-cache-size:", cache) && set_number(s, "infra-host-ttl:", forget);
}

static bool set_behaviour(struct setup *s)
{
    static const char *const pairs[][2] = {
        {"outgoing-num-tcp:", "64"},
        {"msg-cache-slabs:", "1"}, /* one thread: no need to spread locks */
        {"rrset-cache-slabs:", "1"},
        {"infra-cache-slabs:", "1"},
        {"key-cache-slabs:", "1"},
        {"outbound-msg-retry:", "2"}, /* one lost datagram is survived; a dead server is given up within our deadline */
        {"harden-glue:", "yes"},
        {"harden-dnssec-stripped:", "yes"},
        {"harden-below-nxdomain:", "yes"},
        {"harden-short-bufsize:", "yes"},
        {"harden-large-queries:", "yes"},
        {"qname-minimisation:", "no"},         /* it makes up to ten questions of one */
        {"target-fetch-policy:", "0 0 0 0 0"}, /* no name server's address is asked for before it is needed */
        {"max-sent-count:", "12"},             /* for one name at one zone's servers, repetitions included */
        {"minimal-responses:", "yes"},
        {"rrset-roundrobin:", "no"},
        {"cache-max-ttl:", "86400"},
        {"verbosity:", "0"},
        {"use-syslog:", "no"},
        {NULL, NULL},
    };
    return set_all(s, pairs);
}

/** Aliases are followed by dns.c, which counts them. The library takes this 0 from a file only: one that is nowhere on a disk. */
static bool follow_no_alias(struct setup *s)
{
    static const char text[] = "server:\nmax-query-restarts: 0\n";
    char path[64];
    int fd = memfd_create("mailweir-dns", MFD_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ok = ok && ub_ctx_config(s->ub, path) == 0;
    if (fd >= 0)
        close(fd);
    if (!ok)
        *s->error = "the DNS library refuses \"max-query-restarts: 0\" (is /proc there?)";
    return ok;
}

static bool set_families(struct setup *s)
{
    bool v6 = has_route("2001:500:2::c"), v4 = has_route("192.33.4.12"); /* c.root-servers.net */
    return (v6 || set(s, "do-ip6:", "no")) && (v4 || !v6 || set(s, "do-ip4:", "no"));
}

/** Validation is on if and only if there is a trust anchor: without one the validator only costs. */
static bool set_validation(struct setup *s)
{
    if (!s->options->trust_anchor)
        return set(s, "module-config:", "iterator");
    if (access(s->options->trust_anchor, R_OK) != 0) {
        snprintf(error_text, sizeof error_text, "the trust anchor cannot be read: %.100s", s->options->trust_anchor);
        *s->error = error_text;
        return false;
    }
    return set(s, "module-config:", "validator iterator") && ub_ctx_add_ta_file(s->ub, s->options->trust_anchor) == 0;
}

/** Servers know their network: names that the library would by default answer itself (RFC 6761, private reverse zones) are asked. */
static bool unblock_special_names(struct setup *s)
{
    static const char *const pairs[][2] = {
        {"do-not-query-localhost:", "no"},
        {"unblock-lan-zones:", "yes"},
        {"insecure-lan-zones:", "yes"},
        {"local-zone:", "test. transparent"},
        {"local-zone:", "home.arpa. transparent"},
        {NULL, NULL},
    };
    return set_all(s, pairs);
}

static bool set_server(struct setup *s, const char *server)
{
    if (strcmp(server, "system") == 0) {
        if (ub_ctx_resolvconf(s->ub, NULL) == 0)
            return true;
        *s->error = "/etc/resolv.conf cannot be used";
        return false;
    }
    if (ub_ctx_set_fwd(s->ub, server) == 0)
        return true;
    snprintf(error_text, sizeof error_text, "not a DNS server's address (such as 192.0.2.53 or 127.0.0.1@5301): %.100s", server);
    *s->error = error_text;
    return false;
}

static bool set_servers(struct setup *s)
{
    if (s->options->forward_count == 0)
        return set_families(s);
    for (size_t i = 0; i < s->options->forward_count; i++)
        if (!set_server(s, s->options->forward[i]))
            return false;
    return unblock_special_names(s);
}

static bool refuse_zone(struct setup *s, unsigned line, const char *why)
{
    snprintf(error_text, sizeof error_text, "%.150s:%u: %s", s->options->zone_file, line, why);
    *s->error = error_text;
    return false;
}

static bool load_zone_lines(struct setup *s, FILE *file, struct buf *record, char **line, size_t *room)
{
    ssize_t len;
    for (unsigned number = 1; (len = getline(line, room, file)) >= 0; number++) {
        const char *why = NULL;
        enum dns_zone_line kind = dns_zone_read_line(slice_make(*line, (size_t)len), record, &why);
        if (kind == DNS_ZONE_BAD)
            return refuse_zone(s, number, why);
        if (kind == DNS_ZONE_RECORD && ub_ctx_data_add(s->ub, record->ptr) != 0)
            return refuse_zone(s, number, "the data do not fit the record type");
    }
    return true;
}

static bool load_zone_file(struct setup *s)
{
    FILE *file = fopen(s->options->zone_file, "re");
    if (!file) {
        snprintf(error_text, sizeof error_text, "%.150s: %s", s->options->zone_file, strerror(errno));
        *s->error = error_text;
        return false;
    }
    struct buf record = {0};
    char *line = NULL;
    size_t room = 0;
    bool ok = load_zone_lines(s, file, &record, &line, &room);
    free(line);
    buf_release(&record);
    fclose(file);
    return ok;
}

/** A static root makes every name that is not in the file NXDOMAIN; with servers only the names of the file are overridden. */
static bool add_static_zone(struct setup *s)
{
    if (!s->options->zone_file)
        return true;
    if (s->options->forward_count == 0 && ub_ctx_zone_add(s->ub, ".", "static") != 0)
        return false;
    return load_zone_file(s);
}

/** The library checks its configuration when it is first used: do so now, by a change that changes nothing. */
static bool complete(struct setup *s)
{
    if (ub_ctx_zone_remove(s->ub, "mailweir.invalid.") == 0)
        return true;
    *s->error = s->options->trust_anchor ? "the DNS library refuses the trust anchor" : "the DNS library refuses its configuration";
    return false;
}

struct ub_ctx *dns_context_new(struct event_base *base, const struct dns_options *options, const char **error)
{
    struct setup s = {.ub = ub_ctx_create_event(base), .options = options, .error = error};
    *error = "the DNS library does not start";
    if (!s.ub)
        return NULL;
    ub_ctx_debugout(s.ub, NULL); /* what it has to say holds bytes from outside */
    if (set_sizes(&s) && set_patience(&s) && set_behaviour(&s) && follow_no_alias(&s) && set_validation(&s) && set_servers(&s) &&
        complete(&s) && add_static_zone(&s))
        return s.ub;
    ub_ctx_delete(s.ub);
    return NULL;
}
