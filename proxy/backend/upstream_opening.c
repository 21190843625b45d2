/* upstream_opening: the first part of the dialogue: greeting, EHLO, STARTTLS (RFC 3207), XCLIENT; what the server offers is learnt here.
 * See upstream.h. */
#include "proxy/backend/upstream_private.h"

#include "base/log.h"
#include "base/tls/tls.h"
#include "proxy/backend/backend.h"
#include "proxy/backend/xclient.h"
#include "proxy/backend/xforward.h"
#include "proxy/smtp/proxy_header.h"

static void send_hello(struct upstream *u, enum upstream_step step)
{
    struct buf line = {0};
    struct slice name =
        u->told && u->link.offer.xclient_helo && u->client->helo.len ? u->client->helo : slice_of(u->backend->tools.hostname);
    buf_add_text(&line, step == UPSTREAM_EHLO ? "EHLO " : "HELO ");
    buf_add(&line, name);
    upstream_send(u, step, buf_slice(&line));
    buf_release(&line);
}

static bool takes_xclient(const struct upstream *u)
{
    enum backend_identity identity = (enum backend_identity)u->backend->settings->identity;
    return u->link.offer.xclient && (identity == IDENTITY_AUTO || identity == IDENTITY_XCLIENT);
}

/* One who has authenticated must not become somebody who has not. We keep nothing to do it again with; but XCLIENT may tell. */
static bool can_be_told_login(const struct upstream *u)
{
    const struct backend_offer *offer = &u->link.offer;
    return !u->client || u->client->auth_user.len == 0 || (u->told && takes_xclient(u) && offer->xclient_login);
}

/* A probe has what it came for; with a client, the queue goes out once this reply has been handled. */
static void opening_done(struct upstream *u, const struct smtp_reply *reply)
{
    if (!can_be_told_login(u)) {
        u->login_lost = true;
        upstream_fail(u, "the connection on which the client had authenticated was lost", NULL);
        return;
    }
    u->login_lost = false;
    u->ready = true;
    if (!u->client)
        u->handler->reply(u->ctx, UPSTREAM_EHLO, reply);
}

static bool wants_tls(const struct upstream *u)
{
    return u->backend->settings->tls_client && !u->link.secured && !u->clear && !(u->client && u->server->clear);
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
    const char *name = server_tls_name(u->server, ip);
    u->securing = true;
    stream_set_timeout(u->link.stream, b->reply_timeout_ms, b->reply_timeout_ms);
    if (stream_secure_client(u->link.stream, b->tls_client, name, b->tls == BACKEND_TLS_VERIFY))
        log_event(LOG_LEVEL_WARNING, "backend.injected", "backend", b->name, "address", u->server->name, "reason",
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

/* Before anything else, also before TLS. A probe speaks for itself; a client must never seem to, so that what its address is told to have
 * reached is of its own family. */
static void send_proxy_header(struct upstream *u)
{
    static const struct net_addr nobody;
    struct buf header = {0};
    const struct net_addr *source = u->client ? &u->client->client : &nobody;
    struct net_addr destination = u->client ? u->client->listener : nobody;
    if (destination.family != source->family)
        destination = (struct net_addr){.family = source->family, .port = destination.port};
    proxy_header_format(&header, source, &destination);
    stream_write(u->link.stream, buf_slice(&header));
    buf_release(&header);
}

void upstream_open_dialogue(struct upstream *u)
{
    if (u->backend->settings->identity == IDENTITY_PROXY)
        send_proxy_header(u);
    if (u->backend->settings->tls_implicit) {
        start_tls(u);
        return;
    }
    upstream_expect(u, UPSTREAM_GREETING);
    stream_resume(u->link.stream);
}

void upstream_secured(struct upstream *u)
{
    u->securing = false;
    u->link.secured = true;
    u->server->clear = false;
    if (u->backend->settings->tls_implicit)
        upstream_expect(u, UPSTREAM_GREETING);
    else
        send_hello(u, UPSTREAM_EHLO);
    stream_resume(u->link.stream);
}

bool upstream_fall_back(struct upstream *u, const char *why)
{
    if (!u->securing || !may_do_without_tls(u))
        return false;
    if (!u->server->clear)
        log_event(LOG_LEVEL_WARNING, "backend.tls", "backend", u->backend->settings->name, "address", u->server->name, "reason", why,
                  "consequence", "in the clear", NULL);
    u->server->clear = u->clear = true;
    u->securing = false;
    u->open_count = 0;
    upstream_connect(u);
    return true;
}

static bool wants_xclient(const struct upstream *u)
{
    return u->client && !u->told && takes_xclient(u);
}

static bool wants_xforward(const struct upstream *u)
{
    enum backend_identity identity = (enum backend_identity)u->backend->settings->identity;
    return u->client && !u->told && u->link.offer.xforward && (identity == IDENTITY_AUTO || identity == IDENTITY_XFORWARD);
}

static void send_xclient(struct upstream *u)
{
    struct buf line = {0};
    xclient_format(&line, u->client, &u->link.offer);
    upstream_send(u, UPSTREAM_XCLIENT, buf_slice(&line));
    buf_release(&line);
}

static void send_xforward(struct upstream *u)
{
    struct buf line = {0};
    xforward_format(&line, u->client, &u->link.offer);
    upstream_send(u, UPSTREAM_XFORWARD, buf_slice(&line));
    buf_release(&line);
}

/* Says who the client is, if the server wants to hear it. False: it does not, or knows. */
static bool identify(struct upstream *u)
{
    if (wants_xclient(u))
        send_xclient(u);
    else if (wants_xforward(u))
        send_xforward(u);
    else
        return false;
    return true;
}

/* The answer, to whatever it is, also shows that the connection is alive. */
void upstream_renew(struct upstream *u)
{
    if (!identify(u))
        upstream_send(u, UPSTREAM_RENEW, SLICE("RSET"));
}

/* Why a server is none that we may pass this mail to. */
static const char *find_lack(const struct upstream *u, const struct backend_offer *offer)
{
    enum backend_identity identity = (enum backend_identity)u->backend->settings->identity;
    if (identity == IDENTITY_XCLIENT && !offer->xclient)
        return "backend does not offer XCLIENT to us";
    if (identity == IDENTITY_XFORWARD && !offer->xforward)
        return "backend does not offer XFORWARD to us";
    return NULL;
}

/* The first EHLO reply is the server's; the one after XCLIENT is meant for our client, whom it may offer less. */
static bool learn_offer(struct upstream *u, const struct smtp_reply *reply)
{
    struct backend_offer offer;
    backend_offer_parse(reply, &offer);
    if (u->told) {
        u->link.offer.pipelining = offer.pipelining;
        u->link.spent = !offer.xclient;
        return true;
    }
    u->link.offer = offer;
    const char *lack = find_lack(u, &offer);
    if (lack) {
        upstream_fail(u, lack, NULL);
        return false;
    }
    u->met = true;
    server_learn(u->server, &offer);
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
    if (!identify(u))
        opening_done(u, reply);
}

/* The server knows no EHLO (RFC 5321 §3.2). */
static void after_helo(struct upstream *u, const struct smtp_reply *reply)
{
    u->link.offer = (struct backend_offer){0};
    const char *lack = find_lack(u, &u->link.offer);
    if (lack) {
        upstream_fail(u, lack, NULL);
        return;
    }
    u->met = true;
    server_learn(u->server, &u->link.offer);
    opening_done(u, reply);
}

/* The server knows who the client is; after XCLIENT the session begins anew. */
static void after_identity(struct upstream *u, enum upstream_step step, const struct smtp_reply *reply)
{
    u->told = true;
    if (step == UPSTREAM_XCLIENT)
        send_hello(u, UPSTREAM_EHLO);
    else
        opening_done(u, reply);
}

static void after_success(struct upstream *u, enum upstream_step step, const struct smtp_reply *reply)
{
    switch (step) {
    case UPSTREAM_EHLO:
        after_ehlo(u, reply);
        break;
    case UPSTREAM_HELO:
        after_helo(u, reply);
        break;
    case UPSTREAM_XCLIENT:
    case UPSTREAM_XFORWARD:
        after_identity(u, step, reply);
        break;
    case UPSTREAM_RENEW:
        opening_done(u, reply);
        break;
    default:
        send_hello(u, UPSTREAM_EHLO);
        break;
    }
}

static const char *refusal_of(enum upstream_step step)
{
    switch (step) {
    case UPSTREAM_XCLIENT:
        return "backend refused XCLIENT";
    case UPSTREAM_XFORWARD:
        return "backend refused XFORWARD";
    default:
        return "backend refused the session";
    }
}

void upstream_opening_reply(struct upstream *u, enum upstream_step step, const struct smtp_reply *reply)
{
    bool good = reply->code / 100 == 2;
    if (step == UPSTREAM_EHLO && reply->code / 100 == 5 && !u->told)
        send_hello(u, UPSTREAM_HELO);
    else if (!good && step == UPSTREAM_EHLO && u->told)
        upstream_fail(u, "backend refused the client's name", reply); /* a verdict on this client: it may have it */
    else if (step == UPSTREAM_STARTTLS)
        after_starttls(u, good);
    else if (!good)
        upstream_fail(u, refusal_of(step), NULL);
    else
        after_success(u, step, reply);
}
