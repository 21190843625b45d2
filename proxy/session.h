/* session: one client's SMTP session, from accept to close. */
#ifndef PROXY_SESSION_H
#define PROXY_SESSION_H

#include "proxy/worker.h"

/** Takes over the socket and greets. */
void session_open(struct worker *w, const struct listener_settings *listener, evutil_socket_t fd, const struct net_addr *client);
/** The worker stops: 421 now if no transaction is under way, else when it is over. */
void session_drain(struct session *s);
/** 421 and close, whatever is under way. */
void session_cut(struct session *s, const char *why);
struct session *session_next(const struct session *s);

#endif
