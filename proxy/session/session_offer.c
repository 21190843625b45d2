/* session_offer: what EHLO offers: what the backend offers and we implement, so that a client sees no promise that the backend would not
 * keep; and what is ours alone: CHUNKING, STARTTLS, LIMITS (RFC 9422). */
#include "proxy/session/session_state.h"

static int64_t smaller_limit(int64_t ours, int64_t theirs)
{
    return theirs > 0 && theirs < ours ? theirs : ours;
}

/* RFC 8689 §2: a promise about the whole way, so both legs must be under TLS, ours to the backend with its certificate verified. */
static bool keeps_to_tls(const struct session *s)
{
    return s->mail.tls && session_backend_verified(s);
}

void session_make_offer(struct session *s)
{
    const struct backend_offer offer = session_backend_offer(s), *theirs = &offer;
    s->offer = backend_offer_parameters(theirs);
    if (!s->mail.esmtp)
        s->offer = (struct smtp_offer){0};
    s->offer.requiretls = s->offer.requiretls && keeps_to_tls(s);
    s->offer.chunking = s->offer.esmtp = s->mail.esmtp;
    s->offer.auth = s->offer.auth && s->listener->auth != LISTENER_AUTH_NEVER;
    s->offer.authenticated = s->mail.auth_user.len > 0;
    s->offer.size_max = smaller_limit(s->settings->limits.message_size, theirs->size_max);
    s->offer.strict_helo = s->settings->limits.strict_helo;
}

struct keywords {
    struct session *s;
    const char *items[20];
    size_t count;
};

static void add(struct keywords *k, bool offered, const char *keyword, const char *parameters)
{
    if (offered)
        k->items[k->count++] = parameters[0] ? arena_format(k->s->line_arena, "%s %s", keyword, parameters) : keyword;
}

static const char *limits(const struct session *s)
{
    const struct limit_settings *l = &s->settings->limits;
    int64_t recipients = smaller_limit(l->recipients, session_backend_offer(s).rcpt_max);
    const char *most = arena_format(s->line_arena, "RCPTMAX=%lld", (long long)recipients);
    return l->transactions ? arena_format(s->line_arena, "MAILMAX=%lld %s", (long long)l->transactions, most) : most;
}

static const char *mechanisms(const struct session *s)
{
    const struct backend_offer offer = session_backend_offer(s), *theirs = &offer;
    const char *all = "";
    for (size_t i = 0; i < theirs->auth_count; i++)
        all = arena_format(s->line_arena, "%s%s%s", all, i ? " " : "", sasl_name((enum sasl_mechanism)theirs->auth[i]));
    return all;
}

static void gather(struct keywords *k)
{
    const struct session *s = k->s;
    const struct backend_offer offer = session_backend_offer(s), *theirs = &offer;
    const struct smtp_offer *o = &s->offer;
    add(k, theirs->pipelining, "PIPELINING", "");
    add(k, o->size, "SIZE", arena_format(s->line_arena, "%lld", (long long)o->size_max));
    add(k, o->eightbit, "8BITMIME", "");
    add(k, theirs->enhanced, "ENHANCEDSTATUSCODES", "");
    add(k, session_offers_tls(s), "STARTTLS", "");
    add(k, session_offers_auth(s), "AUTH", mechanisms(s));
    add(k, o->chunking, "CHUNKING", "");
    add(k, o->smtputf8, "SMTPUTF8", "");
    add(k, o->dsn, "DSN", "");
    add(k, o->requiretls, "REQUIRETLS", "");
    add(k, o->deliverby, "DELIVERBY", theirs->deliverby_text);
    add(k, o->mt_priority, "MT-PRIORITY", theirs->mt_priority_text);
    add(k, o->future_release, "FUTURERELEASE", theirs->future_release_text);
    add(k, true, "LIMITS", limits(s));
}

void session_say_offer(struct session *s)
{
    struct keywords k = {.s = s};
    struct buf reply = {0};
    stream_set_secret(s->client, session_offers_auth(s));
    gather(&k);
    buf_add_format(&reply, "250-%s\r\n", s->settings->hostname);
    for (size_t i = 0; i < k.count; i++)
        buf_add_format(&reply, "250%c%s\r\n", i + 1 < k.count ? '-' : ' ', k.items[i]);
    session_write(s, buf_slice(&reply));
    buf_release(&reply);
}
