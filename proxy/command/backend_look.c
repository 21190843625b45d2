/* backend_look: see backend_look.h. */
#include "proxy/command/backend_look.h"

#include "base/log.h"
#include "proxy/backend/backend.h"

enum { LOOK_MS = 2000 };

struct look {
    const struct settings *settings;
    struct backend backend;
};

static bool is_done(const struct look *l)
{
    for (const struct server *s = l->backend.servers; s; s = s->next)
        if (s->health.state == SERVER_UNKNOWN)
            return false;
    return true;
}

/** Whom nobody can ask without DNS, or does not have to. */
static bool is_of_interest(const struct backend_settings *b)
{
    const struct server_settings *servers = b->servers.items;
    bool named = false;
    for (size_t i = 0; i < b->servers.count; i++)
        named = named || backend_address_is_name(&servers[i].parsed);
    return b->identity == IDENTITY_AUTO && !named;
}

static void tell(const struct look *l, const struct backend_settings *b, struct conf_errors *errors)
{
    for (const struct server *s = l->backend.servers; s; s = s->next)
        if (s->met && !s->offer.xclient)
            conf_warning_at(errors, b->node,
                            "%s does not offer XCLIENT to us: it sees every client as this proxy; make sure that it does not relay for our "
                            "address",
                            s->name);
}

static void look_at(struct look *l, const struct backend_settings *b, struct conf_errors *errors)
{
    static const struct timeval patience = {.tv_sec = LOOK_MS / 1000, .tv_usec = LOOK_MS % 1000 * 1000};
    const struct backend_tools tools = {.base = event_base_new(), .hostname = l->settings->hostname};
    backend_init(&l->backend, b, &tools);
    event_base_loopexit(tools.base, &patience);
    while (!is_done(l) && !event_base_got_exit(tools.base))
        event_base_loop(tools.base, EVLOOP_ONCE);
    tell(l, b, errors);
    backend_release(&l->backend);
    stream_drop_closing();
    event_base_free(tools.base);
}

void backend_look(const struct settings *s, struct conf_errors *errors)
{
    static const struct log_options quiet = {.to = "/dev/null", .level = LOG_LEVEL_ERROR};
    const char *error = NULL;
    if (!log_open(&quiet, &error))
        return;
    for (size_t i = 0; i < s->backend_count; i++) {
        struct look l = {.settings = s};
        if (is_of_interest(&s->backends[i]))
            look_at(&l, &s->backends[i], errors);
    }
    log_close();
}
