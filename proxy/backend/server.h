/* server: one server of a backend, as one worker sees it: its address, whether it is up, what it offers, and who uses it.
 *
 * A probe (connect, EHLO, QUIT) looks at it at start and then at an interval, while it is down every second. What sessions find counts,
 * too. Servers that DNS no longer names get no new sessions and go when the last one has left. */
#ifndef PROXY_SERVER_H
#define PROXY_SERVER_H

#include "base/stream.h"
#include "proxy/backend/backend_offer.h"
#include "proxy/backend/server_choice.h"
#include "proxy/backend/server_health.h"
#include "proxy/settings/settings.h"

enum { SERVER_NAME_MAX = 320, SERVER_HOST_MAX = 256 };

struct backend;
struct idle_link;
struct upstream;

/** Where a server is, and its place among the others. */
struct server_place {
    struct net_addr address;
    const char *path;           /* of a unix socket; NULL: the address */
    char host[SERVER_HOST_MAX]; /* the name that led to it; "": none */
    int64_t rank;
    int64_t weight;
};

struct server {
    struct backend *backend;
    const struct server_settings *settings; /* the entry it comes from */
    struct server_place place;
    char name[SERVER_NAME_MAX]; /* its address as text */
    unsigned id;                /* never the same in a worker */
    struct server_health health;
    struct backend_offer offer; /* the latest one learnt */
    bool met;                   /* an offer was learnt */
    bool clear;                 /* opportunistic TLS failed: sessions do without until a probe finds it mended */
    bool drained;               /* by the postmaster: no new sessions */
    bool gone;                  /* DNS names it no longer */
    size_t sessions;
    uint64_t chosen;
    struct upstream *upstreams; /* the dialogues of sessions, linked */
    struct idle_link *idle;     /* kept connections, the one used last first (pool.h) */
    size_t idle_count;
    struct upstream *probe;
    struct event *timer;
    struct server *next;
};

/** Begins probing. */
struct server *server_new(struct backend *b, const struct server_settings *settings, const struct server_place *place);
/** No session may use it any more. */
void server_free(struct server *s);
void server_set_place(struct server *s, const struct server_place *place);
/** What a probe, or a session, found. why: for the log; not of successes. Logs each change. */
void server_note(struct server *s, bool good, const char *why);
void server_learn(struct server *s, const struct backend_offer *offer);
void server_set_drained(struct server *s, bool drained);
/** Whether it may get new sessions. */
bool server_usable(const struct server *s);
/** As server_choose wants it. */
struct server_candidate server_candidate_of(const struct server *s);
/** Where a connection of this client's, or of nobody's, has to go. */
struct stream_target server_target(const struct server *s, const struct net_addr *client);
/** Whom its certificate must be for. */
const char *server_tls_name(const struct server *s, char buffer[NET_ADDR_TEXT]);

#endif
