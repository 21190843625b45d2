/* session_backend: which backends a session can reach, by its listener and the routes of recipients, and what it takes to them. */
#include "proxy/session/session_state.h"

/* The backend of the i-th route; that of the listener itself after the last one. */
static const struct backend *backend_at(const struct session *s, size_t i)
{
    const struct listener_settings *l = s->listener;
    const struct rcpt_route *routes = l->routes.items;
    return &s->worker->backends[i < l->routes.count ? routes[i].backend_index : l->backend_index];
}

bool session_backend_up(const struct session *s)
{
    for (size_t i = 0; i <= s->listener->routes.count; i++)
        if (backend_up(backend_at(s, i)))
            return true;
    return false;
}

bool session_backend_verified(const struct session *s)
{
    for (size_t i = 0; i <= s->listener->routes.count; i++)
        if (backend_at(s, i)->settings->tls != BACKEND_TLS_VERIFY)
            return false;
    return true;
}

struct backend_offer session_backend_offer(const struct session *s)
{
    struct backend_offer all = {0}, one;
    bool found = false;
    for (size_t i = 0; i <= s->listener->routes.count; i++) {
        if (!backend_offer_of(backend_at(s, i), &one))
            continue;
        if (found)
            backend_offer_meet(&all, &one);
        else
            all = one;
        found = true;
    }
    return all;
}

void session_backend_choose(struct session *s)
{
    const struct fact_value *name = facts_get(&s->facts, s->settings->client_name);
    s->mail.client_name = name->present ? name->text : SLICE("");
    s->tx->backend = tx_rcpt_backend(s->tx, s->listener);
    delivery_choose(s->delivery, &s->worker->backends[s->tx->backend]);
}
