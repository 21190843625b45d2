/* session_arrival: what comes before the greeting: a PROXY header, if the peer is a load balancer whose word counts; whether there is room
 * for this client; and TLS, if it is to be spoken from the first byte on. */
#include "proxy/session/session_state.h"

#include "base/clock.h"
#include "base/log.h"
#include "proxy/smtp/proxy_header.h"

enum { HEADER_MS = 10 * 1000, LINGER_MS = 2000 };

struct refusal {
    enum status_of_listener counter;
    const char *enhanced, *text;
};

/* 4.3.2: all have to wait; 4.7.0: this client has. */
static const struct refusal refusals[] = {
    [ADMISSION_SESSIONS] = {STATUS_REFUSED_SESSIONS, "4.3.2", "Too many sessions, please try again later"},
    [ADMISSION_PER_ADDRESS] = {STATUS_REFUSED_PER_ADDRESS, "4.7.0", "Too many sessions from your address, please try again later"},
    [ADMISSION_PER_NETWORK] = {STATUS_REFUSED_PER_NETWORK, "4.7.0", "Too many sessions from your network, please try again later"},
    [ADMISSION_RATE] = {STATUS_REFUSED_RATE, "4.3.2", "Too many connections at once, please try again later"},
    [ADMISSION_NETWORK_RATE] = {STATUS_REFUSED_NETWORK_RATE, "4.7.0", "Your network connects too often, please try again later"},
};
static const struct refusal worker_full = {STATUS_REFUSED_WORKER, "4.3.2", "Too many sessions, please try again later"};

static size_t listener_number(const struct session *s)
{
    return (size_t)(s->listener - s->settings->listeners);
}

/* NULL: it is counted, and may stay. */
static const struct refusal *ask_for_room(struct session *s)
{
    s->guest = (struct admission_guest){.number = listener_number(s), .limits = &s->listener->limits, .client = s->mail.client};
    if ((int64_t)s->worker->session_count > s->settings->limits.sessions)
        return &worker_full;
    enum admission verdict = admission_ask(&s->worker->seat, &s->guest, clock_monotonic_us());
    return verdict == ADMISSION_GRANTED ? NULL : &refusals[verdict];
}

/* Where TLS comes first there is no word in the clear, and a handshake is what we have no room for. */
static void turn_away(struct session *s, const struct refusal *r)
{
    bool mute = s->listener->tls == LISTENER_TLS_IMPLICIT;
    status_add_listener(&s->worker->status, listener_number(s), r->counter);
    log_event(LOG_LEVEL_INFO, "session.refused", "session", s->id, "client.ip", s->mail.client_ip, "reason", r->text, NULL);
    if (!mute)
        session_reply(s, 421, r->enhanced, r->text);
    session_end(s, mute ? 0 : LINGER_MS);
}

void session_identify(struct session *s, const struct net_addr *client)
{
    char ip[NET_ADDR_TEXT];
    s->mail.client = *client;
    s->mail.client_ip = arena_string(s->arena, slice_of(net_addr_format_ip(client, ip)));
}

static void begin(struct session *s)
{
    const struct refusal *refusal = ask_for_room(s);
    if (refusal) {
        turn_away(s, refusal);
        return;
    }
    s->admitted = true;
    status_add_listener(&s->worker->status, listener_number(s), STATUS_LISTENER_SESSIONS);
    status_add_listener(&s->worker->status, listener_number(s), STATUS_LISTENER_OPEN);
    if (s->listener->tls == LISTENER_TLS_IMPLICIT)
        session_implicit_tls(s);
    else
        session_greet(s);
}

void session_depart(struct session *s)
{
    if (!s->admitted)
        return;
    admission_end(&s->worker->seat, &s->guest);
    status_subtract_listener(&s->worker->status, listener_number(s), STATUS_LISTENER_OPEN);
}

void session_arrive(struct session *s)
{
    if (s->listener->proxies && cidr_set_holds(s->listener->proxies, &s->mail.client)) {
        s->state = SESSION_PROXY;
        stream_set_timeout(s->client, HEADER_MS, HEADER_MS);
        session_begin_step(s, HEADER_MS);
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
    session_end_step(s);
    begin(s);
    return true;
}
