/* session: see session.h. Here: life and death, reading, waiting, replying, deadlines. */
#include "proxy/session/session_state.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/smtp/smtp_reply.h"

#include <stdio.h>
#include <unistd.h>

enum { LINGER_MS = 2000, WRITE_TIMEOUT_MS = 120 * 1000, OUTPUT_MAX = 64 * 1024 };

static void on_readable(void *ctx);
static void on_drained(void *ctx);
static void on_ended(void *ctx, enum stream_end why);
static void on_secured(void *ctx);

static const struct stream_handler stream_handler = {
    .readable = on_readable, .drained = on_drained, .ended = on_ended, .secured = on_secured};

static void enter(struct session *s)
{
    s->depth++;
    if (s->client)
        stream_cork(s->client);
}

static void free_session(struct session *s)
{
    struct worker *w = s->worker;
    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    w->session_count--;
    session_depart(s);
    status_subtract(&w->status, STATUS_SESSIONS_OPEN);
    arena_free(&s->line_arena);
    arena_free(&s->tx_arena);
    arena_free(&s->arena);
    mem_free(s);
    worker_session_ended(w);
}

static void leave(struct session *s)
{
    if (s->depth == 1 && s->client)
        stream_uncork(s->client);
    if (--s->depth == 0 && s->state == SESSION_CLOSED)
        free_session(s);
}

/* The callbacks of chain, delivery and held replies enter the session here. */

void session_wake(struct session *s)
{
    enter(s);
    s->busy = false;
    if (s->state != SESSION_CLOSED)
        s->after(s);
    if (!s->busy)
        session_go_on(s);
    leave(s);
}

static void on_chain_done(void *ctx)
{
    session_wake(ctx);
}

static void on_auth_answered(void *ctx, const struct smtp_reply *reply)
{
    struct session *s = ctx;
    enter(s);
    session_auth_answered(s, reply);
    session_go_on(s);
    leave(s);
}

static void on_rcpt_answered(void *ctx, const struct smtp_reply *reply)
{
    struct session *s = ctx;
    enter(s);
    s->busy = false;
    session_rcpt_answered(s, reply);
    if (!s->busy) /* no further mailbox has to be asked for */
        session_go_on(s);
    leave(s);
}

static void on_message_answered(void *ctx, const struct smtp_reply *reply)
{
    struct session *s = ctx;
    enter(s);
    session_message_answered(s, reply);
    session_go_on(s);
    leave(s);
}

static void on_delivery_failed(void *ctx, enum delivery_failure failure, const char *why)
{
    struct session *s = ctx;
    enter(s);
    if (s->auth.under_way)
        session_auth_failed(s, why);
    else if (s->tx && s->tx->in_data)
        session_message_failed(s, failure, why);
    else
        session_rcpt_failed(s, failure, why);
    session_go_on(s);
    leave(s);
}

static bool is_client_waiting(void *ctx)
{
    struct session *s = ctx;
    return s->client && !stream_peer_gone(s->client);
}

static const struct delivery_handler delivery_handler = {on_auth_answered, on_rcpt_answered, on_message_answered, on_delivery_failed,
                                                         is_client_waiting};

static void make_id(struct session *s)
{
    snprintf(s->id, sizeof s->id, "%llx-%x-%llx", (unsigned long long)(clock_unix_ms() / 1000), (unsigned)getpid(),
             (unsigned long long)++s->worker->sessions_seen);
}

static void link_session(struct session *s)
{
    struct worker *w = s->worker;
    s->link = &w->sessions;
    s->next = w->sessions;
    if (s->next)
        s->next->link = &s->next;
    w->sessions = s;
    w->session_count++;
    status_add(&w->status, STATUS_SESSIONS);
    status_add(&w->status, STATUS_SESSIONS_OPEN);
}

static void fill_identity(struct session *s, const struct net_addr *client)
{
    session_identify(s, client);
    s->mail.listener = s->listener->address;
    s->mail.hostname = s->settings->hostname;
    s->mail.arena = s->arena;
    s->mail.helo = SLICE("");
    s->mail.auth_user = SLICE("");
    s->mail.client_name = SLICE("");
}

void session_set_timeout(struct session *s)
{
    stream_set_timeout(s->client, s->settings->limits.idle_ms, WRITE_TIMEOUT_MS);
}

void session_open(struct worker *w, const struct listener_settings *listener, evutil_socket_t fd, const struct net_addr *client)
{
    struct session *s = mem_alloc(sizeof *s);
    s->worker = w;
    s->settings = w->settings;
    s->listener = listener;
    s->arena = arena_new();
    s->tx_arena = arena_new();
    s->line_arena = arena_new();
    s->started_us = clock_monotonic_us();
    s->offer.strict_helo = s->settings->limits.strict_helo;
    s->state = SESSION_COMMAND;
    link_session(s);
    make_id(s);
    fill_identity(s, client);
    facts_init(&s->facts, s->settings->facts, s->arena);
    s->client = stream_accept(w->tools.base, fd, &stream_handler, s);
    session_set_timeout(s);
    s->chain = chain_new(s->settings, &w->tools, &s->mail, &s->facts, on_chain_done, s);
    s->delivery = delivery_new(s->arena, &w->backends[listener->backend_index], &s->mail, &delivery_handler, s);
    session_deadline_init(s);
    session_hold_init(s);
    session_sign_init(s);
    enter(s);
    session_arrive(s);
    if (!s->busy)
        session_go_on(s);
    leave(s);
}

struct session *session_next(const struct session *s)
{
    return s->next;
}

void session_end(struct session *s, int64_t linger_ms)
{
    if (s->state == SESSION_CLOSED)
        return;
    tx_end(s, false);
    s->state = SESSION_CLOSED;
    evtimer_del(&s->deadline);
    evtimer_del(&s->hold);
    evtimer_del(&s->signing);
    chain_close(s->chain);
    delivery_close(s->delivery);
    stream_close(&s->client, linger_ms);
}

/* Before the greeting, and in a handshake, nothing can be said. */
static void say_goodbye(struct session *s, const char *enhanced, const char *text)
{
    bool mute = s->state == SESSION_TLS || s->state == SESSION_PROXY;
    if (mute)
        log_event(LOG_LEVEL_INFO, s->state == SESSION_TLS ? "session.tls_failed" : "session.proxy", "session", s->id, "client.ip",
                  s->mail.client_ip, "reason", text, NULL);
    else
        session_reply(s, 421, enhanced, text);
    session_end(s, mute ? 0 : LINGER_MS);
}

/* The final dot has left: the backend's answer is bounded by its own time limit, and the client must have it. */
static bool answer_is_due(const struct session *s)
{
    return s->busy && delivery_dot_sent(s->delivery);
}

void session_cut(struct session *s, const char *why)
{
    enter(s);
    if (answer_is_due(s)) {
        s->closing_421 = true;
        s->cut_reason = why;
    } else if (s->state != SESSION_CLOSED)
        say_goodbye(s, "4.4.2", why);
    leave(s);
}

void session_abort(struct session *s)
{
    enter(s);
    if (s->state != SESSION_CLOSED) {
        if (s->state != SESSION_TLS)
            session_reply(s, 421, "4.3.2", "Service is restarting, please try again");
        session_end(s, 0);
    }
    leave(s);
}

void session_drain(struct session *s)
{
    enter(s);
    if (s->state != SESSION_CLOSED && !s->tx && !s->busy)
        say_goodbye(s, "4.3.2", "Service is restarting, please try again");
    leave(s);
}

void session_write(struct session *s, struct slice bytes)
{
    if (s->client)
        stream_write(s->client, bytes);
}

void session_reply(struct session *s, int code, const char *enhanced, const char *text)
{
    struct buf line = {0};
    smtp_reply_make(&line, code, enhanced, slice_of(text));
    session_write(s, buf_slice(&line));
    buf_release(&line);
}

void session_error(struct session *s, int code, const char *enhanced, const char *text)
{
    if (++s->errors > s->settings->limits.errors) {
        log_event(LOG_LEVEL_INFO, "session.errors", "session", s->id, "client.ip", s->mail.client_ip, NULL);
        say_goodbye(s, "4.7.0", "Too many errors");
        return;
    }
    struct buf line = {0};
    smtp_reply_make(&line, code, enhanced, slice_of(text));
    s->held = arena_copy(s->line_arena, buf_slice(&line));
    buf_release(&line);
    session_tarpit(s, session_say_held);
}

void session_wait(struct session *s)
{
    s->busy = true;
    if (s->client)
        stream_pause(s->client);
}

void session_phase(struct session *s, enum chain_phase phase, session_step_fn after)
{
    s->after = after;
    if (chain_run(s->chain, phase))
        after(s);
    else
        session_wait(s);
}

/* AUTH may bring a long initial response (RFC 4954 §4). */
static size_t line_limit(const struct session *s)
{
    size_t most = (size_t)s->settings->limits.command_line;
    bool auth = most < SASL_LINE_MAX && session_offers_auth(s) && slice_starts_nocase(stream_peek(s->client), SLICE("AUTH "));
    return auth ? SASL_LINE_MAX : most;
}

/* The line may hold a password. */
static void take_command(struct session *s, struct slice line)
{
    char *copy = arena_string(s->line_arena, line);
    session_command_line(s, slice_make(copy, line.len));
    if (s->command.verb == SMTP_AUTH)
        explicit_bzero(copy, line.len);
}

/* A command line, or what stands in for one. False: nothing complete is there. */
static bool read_command(struct session *s)
{
    struct slice line;
    enum stream_line found = stream_peek_line(s->client, line_limit(s), &line);
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
        take_command(s, line);
        break;
    case STREAM_LINE_BARE:
        session_error(s, 500, "5.5.2", "Line holds a bare carriage return, bare line feed or NUL");
        break;
    case STREAM_LINE_LONG:
        s->state = SESSION_SKIP_LINE;
        session_error(s, 500, "5.5.2", "Line is too long");
        return true;
    }
    if (s->client)
        stream_take_line(s->client);
    if (s->state == SESSION_TLS)
        session_start_tls(s);
    return true;
}

/* A CR at the end is left: its LF may be still to come. */
static bool skip_line(struct session *s)
{
    struct slice all = stream_peek(s->client);
    const char *crlf = all.len ? memmem(all.ptr, all.len, "\r\n", 2) : NULL;
    if (crlf) {
        stream_take(s->client, (size_t)(crlf - all.ptr) + 2);
        s->state = SESSION_COMMAND;
        session_end_step(s);
    } else if (all.len) {
        stream_take(s->client, all.ptr[all.len - 1] == '\r' ? all.len - 1 : all.len);
    }
    return crlf != NULL;
}

/* A client that sends without reading its replies is read no further until they are gone. */
static bool is_choked(struct session *s)
{
    if (stream_unsent(s->client) <= OUTPUT_MAX)
        return false;
    stream_uncork(s->client);
    stream_cork(s->client);
    return stream_unsent(s->client) > OUTPUT_MAX;
}

static void read_input(struct session *s)
{
    bool more = true;
    while (more && !s->busy && !s->closing_421 && s->state != SESSION_CLOSED && !is_choked(s)) {
        if (s->state == SESSION_COMMAND)
            more = read_command(s);
        else if (s->state == SESSION_SKIP_LINE)
            more = skip_line(s);
        else if (s->state == SESSION_AUTH)
            more = session_auth_input(s);
        else if (s->state == SESSION_CHUNK)
            more = session_chunk_input(s);
        else if (s->state == SESSION_PROXY)
            more = session_proxy_input(s);
        else
            more = session_data_input(s);
    }
}

void session_go_on(struct session *s)
{
    if (s->state == SESSION_CLOSED)
        return;
    s->busy = false;
    if (s->depth > 1) /* answered at once: the loop that asked goes on */
        return;
    read_input(s);
    if (s->busy || s->state == SESSION_CLOSED)
        return;
    if (s->closing_421)
        say_goodbye(s, "4.4.2", s->cut_reason);
    else if (s->worker->draining && !s->tx)
        say_goodbye(s, "4.3.2", "Service is restarting, please try again");
    else if (is_choked(s))
        stream_pause(s->client); /* until on_drained */
    else
        stream_resume(s->client);
}

static void on_drained(void *ctx)
{
    struct session *s = ctx;
    enter(s);
    if (!s->busy)
        session_go_on(s);
    leave(s);
}

static void on_secured(void *ctx)
{
    struct session *s = ctx;
    enter(s);
    session_secured(s);
    if (!s->busy)
        session_go_on(s);
    leave(s);
}

static void on_readable(void *ctx)
{
    struct session *s = ctx;
    enter(s);
    session_go_on(s);
    leave(s);
}

static void on_ended(void *ctx, enum stream_end why)
{
    struct session *s = ctx;
    enter(s);
    if (why == STREAM_TIMEOUT && stream_unsent(s->client) == 0) {
        session_cut(s, "Idle for too long");
    } else {
        if (s->state == SESSION_TLS)
            log_event(LOG_LEVEL_INFO, "session.tls_failed", "session", s->id, "client.ip", s->mail.client_ip, "reason",
                      why == STREAM_ERROR ? stream_error(s->client) : "the client went away", NULL);
        log_event(LOG_LEVEL_DEBUG, "session.lost", "session", s->id, "client.ip", s->mail.client_ip, NULL);
        session_end(s, 0);
    }
    leave(s);
}
