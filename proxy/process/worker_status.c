/* worker_status: see worker_status.h. */
#include "proxy/process/worker_status.h"

static void add_server(const struct server *server, uint64_t row[STATUS_OF_BACKEND])
{
    row[STATUS_BACKEND_UP] += server->health.state == SERVER_UP;
    row[STATUS_BACKEND_DOWN] += server->health.state == SERVER_DOWN;
    row[STATUS_BACKEND_DRAINED] += server->drained;
    row[STATUS_BACKEND_SESSIONS] += server->sessions;
    row[STATUS_BACKEND_KEPT] += server->idle_count;
}

/* A name may lead to several servers, or to none at the moment. */
static void write_entry(const struct worker *w, const struct backend *b, const struct server_settings *entry, size_t number)
{
    uint64_t row[STATUS_OF_BACKEND] = {0};
    for (const struct server *s = b->servers; s; s = s->next)
        if (s->settings == entry)
            add_server(s, row);
    status_set_backend(&w->status, number, row);
}

void worker_status_backends(const struct worker *w)
{
    size_t number = 0;
    for (size_t i = 0; i < w->settings->backend_count; i++) {
        const struct option_list *servers = &w->settings->backends[i].servers;
        const struct server_settings *entries = servers->items;
        for (size_t n = 0; n < servers->count; n++)
            write_entry(w, &w->backends[i], &entries[n], number++);
    }
}
