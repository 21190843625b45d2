/* upstream_opening: the first part of the dialogue: greeting, EHLO, STARTTLS (RFC 3207), XCLIENT; what the server offers is learnt here.
 * See upstream.h. */
#include "proxy/backend/upstream_private.h"

#include "base/log.h"
#include "base/tls/tls.h"
#include "proxy/backend/xclient.h"

static void send_hello(struct upstream *u, enum upstream_step step)
{
    struct buf line = {0};
    struct slice name = u->identified && u->offer.xclient_helo && u->client->helo.len ? u->client->helo : slice_of(u->backend->hostname);
    buf_add_text(&line, step == UPSTREAM_EHLO ? "EHLO " : "HELO ");
    buf_add(&line, name);
    upstream_send(u, step, buf_slice(&line));
    buf_release(&line);
}

/* One who has authenticated must not become somebody who has not. We keep nothing to do it again with; but XCLIENT may tell. */
static bool can_be_told_login(const struct upstream *u)
{
    return !u->client || u->client->auth_user.len == 0 || (u->identified && u->offer.xclient_login);
}

/* A probe has what it came for; with a client, the queue goes out once this reply has been handled. */
static void opening_done(struct upstream *u, const struct smtp_reply *reply)
{
    if (!can_be_told_login(u)) {
        u->login_lost = true;
        upstream_fail(u, "the connection on which the client had authenticated was lost", NULL);
        return;
    }
    u->ready = true;
    if (!u->client)
        u->handler->reply(u->ctx, UPSTREAM_EHLO, reply);
}

static bool wants_tls(const struct upstream *u)
{
    return u->backend->settings->tls_client && !u->secured && !u->clear && !(u->client && u->backend->clear);
}

static bool may_do_without_tls(const struct upstream *u)
{
    return u->backend->settings->tls == BACKEND_TLS_OPPORTUNISTIC;
}

/* What the server said ahead, in the clear, is no answer to anything (CVE-2021-38371). */
static void start_tls(struct upstream *u)
{
    const struct backend_settings *b = u->backend->settings;
    char ip[NET_ADDR_TEXT];
    const char *name = b->tls_name ? b->tls_name : net_addr_format_ip(&b->address, ip);
    u->securing = true;
    stream_set_timeout(u->stream, b->reply_timeout_ms, b->reply_timeout_ms);
    if (stream_secure_client(u->stream, b->tls_client, name, b->tls == BACKEND_TLS_VERIFY))
        log_event(LOG_LEVEL_WARNING, "backend.injected", "backend", b->name, "reason",
                  "replies in the clear behind STARTTLS were thrown away", NULL);
}

/* False: it is not to be had, and not needed; or the dialogue has failed. */
static bool begin_starttls(struct upstream *u, const struct smtp_reply *reply)
{
    struct backend_offer offer;
    backend_offer_parse(reply, &offer);
    if (offer.starttls)
        upstream_send(u, UPSTREAM_STARTTLS, SLICE("STARTTLS"));
    else if (!may_do_without_tls(u))
        upstream_fail(u, "backend does not offer STARTTLS", NULL);
    return offer.starttls;
}

static void after_starttls(struct upstream *u, bool good)
{
    if (good)
        start_tls(u);
    else if (may_do_without_tls(u)) {
        u->clear = true;
        send_hello(u, UPSTREAM_EHLO);
    } else
        upstream_fail(u, "backend refused STARTTLS", NULL);
}

void upstream_open_dialogue(struct upstream *u)
{
    if (u->backend->settings->tls_implicit) {
        start_tls(u);
        return;
    }
    upstream_expect(u, UPSTREAM_GREETING);
    stream_resume(u->stream);
}

void upstream_secured(struct upstream *u)
{
    u->securing = false;
    u->secured = true;
    u->backend->clear = false;
    if (u->backend->settings->tls_implicit)
        upstream_expect(u, UPSTREAM_GREETING);
    else
        send_hello(u, UPSTREAM_EHLO);
    stream_resume(u->stream);
}

bool upstream_fall_back(struct upstream *u, const char *why)
{
    if (!u->securing || !may_do_without_tls(u))
        return false;
    if (!u->backend->clear)
        log_event(LOG_LEVEL_WARNING, "backend.tls", "backend", u->backend->settings->name, "reason", why, "consequence", "in the clear",
                  NULL);
    u->backend->clear = u->clear = true;
    u->securing = false;
    u->open_count = 0;
    upstream_connect(u);
    return true;
}

static bool wants_xclient(const struct upstream *u)
{
    return u->client && !u->identified && u->offer.xclient && u->backend->settings->identity != IDENTITY_NONE;
}

static void send_xclient(struct upstream *u)
{
    struct buf line = {0};
    xclient_format(&line, u->client, &u->offer);
    upstream_send(u, UPSTREAM_XCLIENT, buf_slice(&line));
    buf_release(&line);
}

/* The first EHLO reply is the server's; the one after XCLIENT is meant for our client, whom it may offer less. */
static bool learn_offer(struct upstream *u, const struct smtp_reply *reply)
{
    struct backend_offer offer;
    backend_offer_parse(reply, &offer);
    if (u->identified) {
        u->offer.pipelining = offer.pipelining;
        return true;
    }
    u->offer = offer;
    if (u->backend->settings->identity == IDENTITY_XCLIENT && !offer.xclient) {
        upstream_fail(u, "backend does not offer XCLIENT to us", NULL);
        return false;
    }
    u->met = true;
    backend_report_up(u->backend, &offer);
    return true;
}

static void after_ehlo(struct upstream *u, const struct smtp_reply *reply)
{
    if (wants_tls(u) && begin_starttls(u, reply))
        return;
    if (u->failed)
        return;
    if (!learn_offer(u, reply))
        return;
    if (wants_xclient(u))
        send_xclient(u);
    else
        opening_done(u, reply);
}

/* The server knows no EHLO (RFC 5321 §3.2). */
static void after_helo(struct upstream *u, const struct smtp_reply *reply)
{
    u->offer = (struct backend_offer){0};
    u->met = true;
    backend_report_up(u->backend, &u->offer);
    opening_done(u, reply);
}

void upstream_opening_reply(struct upstream *u, enum upstream_step step, const struct smtp_reply *reply)
{
    bool good = reply->code / 100 == 2;
    if (step == UPSTREAM_EHLO && reply->code / 100 == 5 && !u->identified)
        send_hello(u, UPSTREAM_HELO);
    else if (!good && step == UPSTREAM_EHLO && u->identified)
        upstream_fail(u, "backend refused the client's name", reply); /* a verdict on this client: it may have it */
    else if (step == UPSTREAM_STARTTLS)
        after_starttls(u, good);
    else if (!good)
        upstream_fail(u, step == UPSTREAM_XCLIENT ? "backend refused XCLIENT" : "backend refused the session", NULL);
    else if (step == UPSTREAM_EHLO)
        after_ehlo(u, reply);
    else if (step == UPSTREAM_HELO)
        after_helo(u, reply);
    else if (step == UPSTREAM_XCLIENT) {
        u->identified = true;
        send_hello(u, UPSTREAM_EHLO);
    } else
        send_hello(u, UPSTREAM_EHLO);
}
