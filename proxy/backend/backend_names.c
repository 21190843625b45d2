/* backend_names: see backend_names.h. First the hosts: one, or those of MX or SRV; then the addresses of each. */
#include "proxy/backend/backend_names.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>

enum { HOSTS_MAX = 16, PLACES_MAX = 64, ASKED_MAX = 2 * HOSTS_MAX, RETRY_MS = 5000, TTL_LEAST_MS = 1000 };

struct host {
    char name[SERVER_HOST_MAX];
    uint16_t port;
    int64_t rank, weight;
};

/** One question for the addresses of a host. */
struct asked {
    struct backend_names *names;
    const struct host *host;
    struct dns_query *query;
};

struct backend_names {
    struct backend *backend;
    const struct server_settings *entry;
    struct event *timer;
    struct dns_query *query; /* for the hosts */
    struct host hosts[HOSTS_MAX];
    size_t host_count;
    struct asked asked[ASKED_MAX];
    size_t asked_count, open;
    struct server_place places[PLACES_MAX];
    size_t place_count;
    uint32_t ttl;
    const char *failure; /* the first of this round; NULL: none */
    bool looked;         /* a round is over */
    bool complained;     /* the log knows that it fails */
    struct backend_names *next;
};

static void look_up(evutil_socket_t fd, short what, void *arg);

static void schedule(struct backend_names *n, bool good)
{
    int64_t most = n->backend->settings->resolve_interval_ms, ms = good ? (int64_t)n->ttl * 1000 : RETRY_MS;
    ms = ms > most ? most : ms < TTL_LEAST_MS ? TTL_LEAST_MS : ms;
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    event_add(n->timer, &tv);
}

static void complain(struct backend_names *n)
{
    if (!n->complained)
        log_event(LOG_LEVEL_ERROR, "backend.names", "backend", n->backend->settings->name, "address", n->entry->address, "reason",
                  n->failure, "consequence", n->looked ? "the servers known before are used" : "it has no servers", NULL);
    n->complained = true;
}

/* A round is over. */
static void finish(struct backend_names *n)
{
    bool good = !n->failure && n->place_count;
    if (!good && !n->failure)
        n->failure = "the name has no addresses";
    if (!good)
        complain(n);
    n->looked = true;
    if (good) {
        n->complained = false;
        backend_set_servers(n->backend, n->entry, n->places, n->place_count);
    } else
        backend_server_changed(n->backend);
    schedule(n, good);
}

static void note_answer(struct backend_names *n, const struct dns_answer *answer)
{
    if (answer->status == DNS_FAILURE && !n->failure)
        n->failure = answer->why ? answer->why : "lookup failed";
    if (answer->status == DNS_OK && answer->ttl < n->ttl)
        n->ttl = answer->ttl;
}

static void add_place(struct backend_names *n, const struct host *host, struct slice address)
{
    if (n->place_count == PLACES_MAX || (address.len != 4 && address.len != 16))
        return;
    struct server_place *p = &n->places[n->place_count++];
    *p = (struct server_place){.rank = host->rank, .weight = host->weight};
    p->address = (struct net_addr){.family = address.len == 4 ? AF_INET : AF_INET6, .port = host->port};
    memcpy(p->address.bytes, address.ptr, address.len);
    memcpy(p->host, host->name, sizeof p->host);
}

static void on_address(void *ctx, const struct dns_answer *answer)
{
    struct asked *asked = ctx;
    struct backend_names *n = asked->names;
    asked->query = NULL;
    note_answer(n, answer);
    for (size_t i = 0; i < answer->count; i++)
        add_place(n, asked->host, answer->records[i].data);
    if (--n->open == 0)
        finish(n);
}

static void ask_addresses(struct backend_names *n)
{
    static const enum dns_type types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
    if (n->failure || n->host_count == 0) {
        finish(n);
        return;
    }
    n->asked_count = n->open = 2 * n->host_count;
    for (size_t i = 0; i < n->asked_count; i++) {
        struct asked *asked = &n->asked[i];
        *asked = (struct asked){.names = n, .host = &n->hosts[i / 2]};
        asked->query = dns_ask(n->backend->tools.dns, slice_of(asked->host->name), types[i % 2], on_address, asked);
    }
}

/* A target that is the root says that there is no such service (RFC 2782, RFC 7505). */
static void add_host(struct backend_names *n, struct slice name, uint16_t port, unsigned preference, unsigned weight)
{
    if (n->host_count == HOSTS_MAX || name.len == 0 || name.len >= SERVER_HOST_MAX)
        return;
    struct host *h = &n->hosts[n->host_count++];
    *h = (struct host){.port = port, .rank = n->entry->priority * BACKEND_RANK_UNIT + preference, .weight = n->entry->weight};
    h->weight *= weight ? weight : 1;
    memcpy(h->name, name.ptr, name.len);
}

static uint16_t read_u16(struct slice data, size_t at)
{
    return (uint16_t)((uint8_t)data.ptr[at] << 8 | (uint8_t)data.ptr[at + 1]);
}

static void on_hosts(void *ctx, const struct dns_answer *answer)
{
    struct backend_names *n = ctx;
    const struct backend_address *a = &n->entry->parsed;
    n->query = NULL;
    note_answer(n, answer);
    for (size_t i = 0; i < answer->count; i++) {
        const struct dns_record *r = &answer->records[i];
        if (a->kind == BACKEND_SRV)
            add_host(n, slice_skip(r->data, DNS_SRV_HEAD), read_u16(r->data, 2), r->preference, read_u16(r->data, 0));
        else
            add_host(n, r->data, a->port, r->preference, 1);
    }
    if (a->kind == BACKEND_MX && answer->status == DNS_NODATA) /* RFC 5321 §5.1: the domain itself */
        add_host(n, slice_of(a->name), a->port, 0, 1);
    ask_addresses(n);
}

static void look_up(evutil_socket_t fd, short what, void *arg)
{
    struct backend_names *n = arg;
    const struct backend_address *a = &n->entry->parsed;
    n->host_count = n->place_count = 0;
    n->failure = NULL;
    n->ttl = UINT32_MAX;
    if (a->kind == BACKEND_NAME) {
        add_host(n, slice_of(a->name), a->port, 0, 1);
        ask_addresses(n);
    } else
        n->query = dns_ask(n->backend->tools.dns, slice_of(a->name), a->kind == BACKEND_SRV ? DNS_TYPE_SRV : DNS_TYPE_MX, on_hosts, n);
}

void backend_names_add(struct backend *b, const struct server_settings *entry)
{
    struct backend_names *n = mem_alloc(sizeof *n);
    n->backend = b;
    n->entry = entry;
    n->timer = evtimer_new(b->base, look_up, n);
    n->next = b->names;
    b->names = n;
    look_up(-1, 0, n);
}

bool backend_names_looked(const struct backend_names *names)
{
    for (; names; names = names->next)
        if (!names->looked)
            return false;
    return true;
}

static void free_one(struct backend_names *n)
{
    dns_cancel(n->query);
    for (size_t i = 0; i < n->asked_count; i++)
        dns_cancel(n->asked[i].query);
    event_free(n->timer);
    mem_free(n);
}

void backend_names_free(struct backend_names **names)
{
    while (*names) {
        struct backend_names *n = *names;
        *names = n->next;
        free_one(n);
    }
}
