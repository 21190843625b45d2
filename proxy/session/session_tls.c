/* session_tls: TLS with the client, by STARTTLS (RFC 3207) or from the first byte on (RFC 8314).
 *
 * After STARTTLS the session begins anew: what the client said in the clear, said or sent ahead, is forgotten (§4.2). */
#include "proxy/session/session_state.h"

#include "base/log.h"
#include "base/tls/tls.h"
#include "proxy/settings/core_facts.h"

enum { HANDSHAKE_MS = 60 * 1000 };

bool session_offers_tls(const struct session *s)
{
    return s->settings->tls.server && !s->mail.tls && (s->listener->tls == LISTENER_TLS_OFFER || s->listener->tls == LISTENER_TLS_REQUIRE);
}

bool session_tls_missing(const struct session *s)
{
    static const unsigned allowed =
        1u << SMTP_EHLO | 1u << SMTP_HELO | 1u << SMTP_STARTTLS | 1u << SMTP_NOOP | 1u << SMTP_QUIT | 1u << SMTP_RSET | 1u << SMTP_UNKNOWN;
    return s->listener->tls == LISTENER_TLS_REQUIRE && !s->mail.tls && !(allowed >> s->command.verb & 1);
}

static void set_handshake_timeout(struct session *s)
{
    int64_t idle_ms = s->settings->limits.idle_ms;
    stream_set_timeout(s->client, idle_ms < HANDSHAKE_MS ? idle_ms : HANDSHAKE_MS, HANDSHAKE_MS);
}

/* In all, however busily it drips. */
static void begin_handshake_step(struct session *s)
{
    int64_t command_ms = s->settings->limits.command_ms;
    session_begin_step(s, command_ms < HANDSHAKE_MS ? command_ms : HANDSHAKE_MS);
}

void session_implicit_tls(struct session *s)
{
    s->state = SESSION_TLS;
    session_wait(s);
    set_handshake_timeout(s);
    begin_handshake_step(s);
    stream_begin_server(s->client, s->settings->tls.server);
}

void session_starttls(struct session *s)
{
    if (!session_offers_tls(s)) {
        session_error(s, 502, "5.5.1", s->mail.tls ? "TLS is on already" : "STARTTLS is not available");
        return;
    }
    session_reply(s, 220, "2.0.0", "Ready to start TLS");
    s->state = SESSION_TLS;
    session_wait(s);
}

void session_start_tls(struct session *s)
{
    set_handshake_timeout(s);
    begin_handshake_step(s);
    size_t dropped = stream_secure_server(s->client, s->settings->tls.server);
    if (dropped)
        log_event(LOG_LEVEL_WARNING, "session.injected", "session", s->id, "client.ip", s->mail.client_ip, "reason",
                  "input in the clear behind STARTTLS was thrown away", NULL);
}

static void forget_clear(struct session *s)
{
    tx_end(s, false);
    delivery_forget_client(s->delivery);
    s->greeted = false;
    s->mail.helo = SLICE("");
    s->mail.esmtp = false;
    facts_clear(&s->facts, s->settings->core.helo);
    facts_clear(&s->facts, s->settings->core.esmtp);
}

void session_secured(struct session *s)
{
    struct tls_info info;
    bool implicit = s->listener->tls == LISTENER_TLS_IMPLICIT;
    tls_session_info(stream_tls(s->client), &info);
    info.name = arena_string(s->arena, slice_of(info.name));
    info.fingerprint = arena_string(s->arena, slice_of(info.fingerprint));
    s->mail.tls = arena_format(s->arena, "%s %s", info.version, info.cipher);
    s->state = SESSION_COMMAND;
    session_end_step(s);
    forget_clear(s);
    core_facts_publish_tls(s->settings, &info, &s->facts);
    s->busy = false;
    session_set_timeout(s);
    if (implicit)
        session_greet(s);
}
