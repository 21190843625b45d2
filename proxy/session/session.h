/* session: one client's SMTP session, from accept to close. */
#ifndef PROXY_SESSION_H
#define PROXY_SESSION_H

#include "proxy/process/worker.h"

/** Takes over the socket and greets. */
void session_open(struct worker *w, const struct listener_settings *listener, evutil_socket_t fd, const struct net_addr *client);
/** The worker stops: 421 now if no transaction is under way, else when it is over. */
void session_drain(struct session *s);
/** 421 and close; but if the final dot has left, the backend's answer is waited for and given first. */
void session_cut(struct session *s, const char *why);
/** 421 and close at once, whatever is under way: the process ends. */
void session_abort(struct session *s);
struct session *session_next(const struct session *s);

#endif
