/* backend: the servers that one worker may pass mail of one kind to, who gets which of them, and who waits.
 *
 * Several servers, written down or found by name; a session goes to one of them by server_choice.h. Where all have as many sessions as
 * they may, it waits for a while, in order. */
#ifndef PROXY_BACKEND_H
#define PROXY_BACKEND_H

#include "base/dns/dns.h"
#include "proxy/backend/server.h"

#include <event2/event.h>

struct backend_names;

/** What a worker lends its backends. */
struct backend_tools {
    struct event_base *base;
    struct dns *dns;
    const char *directory; /* of the state, where drained servers are written down; NULL: there is none */
    const char *hostname;
    size_t workers;            /* that share what a server takes */
    void (*learnt)(void *ctx); /* called whenever a backend becomes known (backend_known); may be NULL */
    void *ctx;
};

struct backend {
    const struct backend_settings *settings;
    struct backend_tools tools;
    struct event_base *base;
    struct server *servers;      /* linked */
    struct backend_names *names; /* those to be looked up, linked */
    uint64_t choices;
    struct upstream *waiting, **waiting_last; /* those without a server yet, in order */
    size_t waiting_count;
    bool known;
    struct event *tick;
};

/** Starts probing and looking up. */
void backend_init(struct backend *b, const struct backend_settings *settings, const struct backend_tools *tools);
/** Sessions must have ended. */
void backend_release(struct backend *b);

/** Whether some server can take sessions. */
bool backend_up(const struct backend *b);
/** What all servers offer that are up; if none is, nothing. False: none is. */
bool backend_offer_of(const struct backend *b, struct backend_offer *offer);

/* for upstream_place.c */

/** Servers that a session has tried already: their ids. */
struct backend_tried {
    unsigned ids[16];
    size_t count;
};

/** The server for the next session of this client, or NULL; *full: because all have as many as they may. */
struct server *backend_choose(struct backend *b, const struct net_addr *client, const struct backend_tried *tried, bool *full);

/* for server.c and backend_names.c */

void backend_server_changed(struct backend *b);
/** The most sessions of this worker at a server of that entry; 0: any number. */
size_t backend_server_cap(const struct backend *b, const struct server_settings *settings);
/** These are the servers of an entry from now on. */
void backend_set_servers(struct backend *b, const struct server_settings *settings, const struct server_place *places, size_t count);

#endif
