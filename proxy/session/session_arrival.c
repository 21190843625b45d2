/* session_arrival: what comes before the greeting: a PROXY header, if the peer is a load balancer whose word counts, and TLS, if it is to
 * be spoken from the first byte on. */
#include "proxy/session/session_state.h"

#include "base/log.h"
#include "proxy/smtp/proxy_header.h"

enum { HEADER_MS = 10 * 1000 };

void session_identify(struct session *s, const struct net_addr *client)
{
    char ip[NET_ADDR_TEXT];
    s->mail.client = *client;
    s->mail.client_ip = arena_string(s->arena, slice_of(net_addr_format_ip(client, ip)));
}

static void begin(struct session *s)
{
    if (s->listener->tls == LISTENER_TLS_IMPLICIT)
        session_implicit_tls(s);
    else
        session_greet(s);
}

void session_arrive(struct session *s)
{
    if (s->listener->proxies && cidr_set_holds(s->listener->proxies, &s->mail.client)) {
        s->state = SESSION_PROXY;
        stream_set_timeout(s->client, HEADER_MS, HEADER_MS);
    } else
        begin(s);
}

bool session_proxy_input(struct session *s)
{
    struct proxy_header header;
    switch (proxy_header_parse(stream_peek(s->client), &header)) {
    case PROXY_HEADER_MORE:
        return false;
    case PROXY_HEADER_BAD:
        log_event(LOG_LEVEL_WARNING, "session.proxy", "session", s->id, "client.ip", s->mail.client_ip, "reason",
                  "a load balancer's connection did not begin with a PROXY header", NULL);
        session_end(s, 0);
        return false;
    default:
        break;
    }
    stream_take(s->client, header.length);
    if (header.source.family)
        session_identify(s, &header.source);
    session_set_timeout(s);
    s->state = SESSION_COMMAND;
    begin(s);
    return true;
}
