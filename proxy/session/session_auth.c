/* session_auth: AUTH (RFC 4954). The exchange is between client and backend; we carry its lines, and note who the user is.
 *
 * The backend's connection is this session's own from then on. Nothing that could be used to log in again is kept: each line is wiped from
 * memory as it goes. Who has no name that we could show is refused: what he sends could not be laid at anybody's door. */
#include "proxy/session/session_state.h"

#include "base/log.h"
#include "proxy/settings/core_facts.h"
#include "proxy/smtp/smtp_reply.h"

static bool is_allowed(const struct session *s)
{
    return s->listener->auth == LISTENER_AUTH_ALWAYS || (s->listener->auth == LISTENER_AUTH_TLS && s->mail.tls);
}

bool session_offers_auth(const struct session *s)
{
    return s->offer.auth && is_allowed(s) && s->mail.auth_user.len == 0;
}

static bool is_offered(const struct session *s, enum sasl_mechanism mechanism)
{
    const struct backend_offer theirs = session_backend_offer(s);
    return memchr(theirs.auth, (int)mechanism, theirs.auth_count) != NULL;
}

/* The exchange is over, in whatever way. */
static void end_exchange(struct session *s)
{
    s->auth.under_way = false;
    explicit_bzero(s->auth.user, sizeof s->auth.user);
    if (s->state == SESSION_AUTH)
        s->state = SESSION_COMMAND;
}

static void log_auth(const struct session *s, const char *result, int code)
{
    struct log_record r;
    log_begin(&r, LOG_LEVEL_INFO, "session.auth");
    log_text(&r, "session", s->id);
    log_text(&r, "client.ip", s->mail.client_ip);
    log_text(&r, "mechanism", sasl_words[s->auth.mechanism]);
    log_text(&r, "result", result);
    if (s->mail.auth_user.len) /* nobody's name before it is proved: people type their password there */
        log_slice(&r, "auth.user", s->mail.auth_user);
    if (code)
        log_number(&r, "code", code);
    log_end(&r);
}

/* We end it: the backend, in the middle of the exchange, sees its connection go. */
static void abandon(struct session *s, int code, const char *enhanced, const char *text)
{
    delivery_close(s->delivery);
    log_auth(s, "broken off", code);
    end_exchange(s);
    session_error(s, code, enhanced, text);
}

/* False: it does not say who the client is; he was told. */
static bool learn_user(struct session *s, struct slice response)
{
    if (s->auth.user[0] || sasl_user(s->auth.mechanism, response, s->auth.user))
        return true;
    abandon(s, 501, "5.5.2", "Response holds no user name, or one that cannot be used");
    return false;
}

static void send_command(struct session *s)
{
    const struct smtp_command *c = &s->command;
    struct buf line = {0};
    buf_reserve(&line, c->initial.len + SMTP_REPLY_LINE_MAX);
    buf_add_format(&line, "AUTH %s", sasl_name(c->mechanism));
    if (c->initial.ptr) {
        buf_add_text(&line, c->initial.len ? " " : " =");
        buf_add(&line, c->initial);
    }
    delivery_authenticate(s->delivery, buf_slice(&line));
    buf_wipe(&line);
}

static void begin(struct session *s)
{
    const struct smtp_command *c = &s->command;
    s->auth = (struct session_auth){.under_way = true, .mechanism = c->mechanism};
    if (c->initial.ptr && !learn_user(s, c->initial))
        return;
    session_wait(s);
    send_command(s);
}

void session_auth(struct session *s)
{
    if (!s->mail.esmtp)
        session_error(s, 503, "5.5.1", "Say EHLO first");
    else if (s->listener->auth == LISTENER_AUTH_NEVER)
        session_error(s, 502, "5.5.1", "AUTH is not available");
    else if (!is_allowed(s))
        session_error(s, 538, "5.7.11", "Encryption is required for authentication: say STARTTLS first");
    else if (!is_offered(s, s->command.mechanism))
        session_error(s, 504, "5.5.4", "Authentication mechanism is not available");
    else if (!session_too_many_errors(s))
        begin(s);
}

static void take_response(struct session *s, struct slice line)
{
    bool cancels = slice_eq(line, SLICE("*"));
    if (!cancels && !sasl_base64_valid(line)) {
        abandon(s, 501, "5.5.2", "Response is not in base64");
    } else if (!delivery_connected(s->delivery)) {
        session_auth_failed(s, "backend closed the connection");
    } else if (cancels || learn_user(s, line)) {
        session_wait(s);
        delivery_authenticate(s->delivery, line);
    }
}

bool session_auth_input(struct session *s)
{
    struct slice line;
    enum stream_line found = stream_peek_line(s->client, SASL_LINE_MAX, &line);
    if (found == STREAM_LINE_OK || found == STREAM_LINE_BARE)
        session_end_step(s);
    else if (stream_peek(s->client).len)
        session_begin_step(s, s->settings->limits.command_ms);
    if (found != STREAM_LINE_MORE)
        arena_clear(s->line_arena);
    switch (found) {
    case STREAM_LINE_MORE:
        return false;
    case STREAM_LINE_OK:
        take_response(s, line);
        break;
    case STREAM_LINE_BARE:
        abandon(s, 501, "5.5.2", "Response is not in base64");
        break;
    case STREAM_LINE_LONG:
        abandon(s, 500, "5.5.6", "Response is too long");
        if (s->state == SESSION_COMMAND)
            s->state = SESSION_SKIP_LINE;
        return true;
    }
    if (s->client)
        stream_take_line(s->client);
    return true;
}

static void succeed(struct session *s)
{
    s->mail.auth_user = arena_copy(s->arena, slice_of(s->auth.user));
    s->offer.authenticated = true;
    core_facts_publish_login(s->settings, &s->mail, sasl_words[s->auth.mechanism], &s->facts);
    stream_set_secret(s->client, false);
    log_auth(s, "success", 235);
    end_exchange(s);
}

/* The backend does not speak of mechanisms or of syntax, but of user and password (RFC 4954 §6: 535, and what servers say in its place). */
static bool is_wrong_password(int code)
{
    return code >= 530 && code < 600 && code != 534 && code != 538;
}

/* A failure counts as a mistake, so that nobody can try passwords without end. */
static void fail(struct session *s, int code)
{
    s->errors++;
    log_auth(s, "failure", code);
    if (is_wrong_password(code))
        chain_event(s->chain, FILTER_AUTH_FAILED);
    end_exchange(s);
}

static void relay(struct session *s, const struct smtp_reply *reply)
{
    struct buf out = {0};
    smtp_reply_format(reply, &out);
    session_write(s, buf_slice(&out));
    buf_release(&out);
}

/* 421 speaks of the backend's connection, not of ours. */
static void relay_failure(struct session *s, const struct smtp_reply *reply)
{
    fail(s, reply->code);
    if (reply->code == 421)
        session_reply(s, 454, "4.7.0", "Authentication is not available, please try again later");
    else
        relay(s, reply);
}

static bool is_challenge(const struct smtp_reply *reply)
{
    return reply->code == 334 && reply->count == 1 && sasl_base64_valid(reply->lines[0]);
}

void session_auth_answered(struct session *s, const struct smtp_reply *reply)
{
    if (is_challenge(reply)) {
        s->state = SESSION_AUTH;
        relay(s, reply);
    } else if (reply->code == 235 && s->auth.user[0]) {
        succeed(s);
        relay(s, reply);
    } else if (reply->code >= 400) {
        relay_failure(s, reply);
    } else {
        delivery_close(s->delivery);
        session_auth_failed(s, "backend sent a reply of the wrong class");
    }
}

void session_auth_failed(struct session *s, const char *why)
{
    log_event(LOG_LEVEL_WARNING, "session.auth_failed", "session", s->id, "client.ip", s->mail.client_ip, "reason", why, NULL);
    end_exchange(s);
    session_reply(s, 454, "4.7.0", "Authentication is not available, please try again later");
}
