/* session_hello: the greeting, HELO and EHLO (RFC 5321 §3.1, §3.2, §4.1.1.1).
 */
#include "proxy/session/session_state.h"

#include "base/log.h"
#include "proxy/settings/core_facts.h"
#include "proxy/smtp/smtp_reply.h"

enum { LINGER_MS = 2000 };

static void say_welcome(struct session *s)
{
    session_reply(s, 220, NULL, arena_format(s->line_arena, "%s ESMTP", s->settings->hostname));
}

/* A refusal at this stage is the greeting itself (RFC 5321 §3.1). */
static void after_connect_decision(struct session *s)
{
    if (!decision_refuses(&s->decision)) {
        say_welcome(s);
        return;
    }
    session_refuse(s);
    session_end(s, LINGER_MS);
}

static void after_connect(struct session *s)
{
    session_decide(s, STAGE_CONNECT, after_connect_decision);
}

/* The client was to wait for us (RFC 5321 §3.1). */
static void after_greet_delay(struct session *s)
{
    core_facts_publish_early(s->settings, stream_has_input(s->client), &s->facts);
    session_phase(s, CHAIN_CONNECT, after_connect);
}

void session_greet(struct session *s)
{
    const struct listener_limits *limits = &s->listener->limits;
    core_facts_publish_client(s->settings, &s->mail, &s->facts);
    if (!session_backend_up(s)) {
        log_event(LOG_LEVEL_INFO, "session.refused", "session", s->id, "client.ip", s->mail.client_ip, "reason", "no server is up", NULL);
        session_reply(s, 421, "4.3.2", "Mail system is not available, please try again later");
        session_end(s, LINGER_MS);
    } else if (limits->greet_delay_ms && !admission_exempt(limits, &s->mail.client))
        session_delay(s, limits->greet_delay_ms, after_greet_delay);
    else
        session_phase(s, CHAIN_CONNECT, after_connect);
}

static void after_helo_decision(struct session *s)
{
    s->greeted = !decision_refuses(&s->decision);
    if (!s->greeted) {
        session_refuse(s);
        return;
    }
    session_make_offer(s);
    if (s->mail.esmtp)
        session_say_offer(s);
    else
        session_reply(s, 250, NULL, s->settings->hostname);
}

static void after_helo(struct session *s)
{
    session_decide(s, STAGE_HELO, after_helo_decision);
}

/* In a buffer of its own, so that a client that greets a million times costs no memory. */
static void keep_name(struct session *s, struct slice name)
{
    struct slice kept = slice_first(name, sizeof s->helo);
    memcpy(s->helo, kept.ptr, kept.len);
    s->mail.helo = slice_make(s->helo, kept.len);
}

/* The backend was told who the client is on its connection: a client that is somebody else now needs a new one. */
static void drop_old_identity(struct session *s)
{
    bool esmtp = s->command.verb == SMTP_EHLO;
    if (s->mail.auth_user.len) /* he has proved who he is on that connection; no name can say more */
        return;
    if (esmtp != s->mail.esmtp || !slice_eq(s->mail.helo, s->command.argument))
        delivery_forget_client(s->delivery);
}

void session_hello(struct session *s)
{
    tx_end(s, false);
    drop_old_identity(s);
    keep_name(s, s->command.argument);
    s->mail.esmtp = s->command.verb == SMTP_EHLO;
    core_facts_publish_hello(s->settings, &s->mail, &s->facts);
    session_phase(s, CHAIN_HELO, after_helo);
}
