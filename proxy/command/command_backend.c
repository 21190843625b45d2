/* command_backend: `mailweir backend list|drain|undrain`: takes servers out of service, and back, while the proxy runs. A file in the
 * state directory carries the word to the workers (drain.h). */
#include "proxy/backend/drain.h"
#include "proxy/command/command.h"
#include "proxy/process/privileges.h"
#include "proxy/settings/settings.h"

#include <errno.h>
#include <string.h>

const char command_backend_help[] =
    "Usage: mailweir backend list [-c FILE]\n"
    "       mailweir backend drain [-c FILE] BACKEND/SERVER\n"
    "       mailweir backend undrain [-c FILE] BACKEND/SERVER\n"
    "\n"
    "A drained server gets no new sessions, from a second later on; those under way finish. It stays drained,\n"
    "also over restarts, until it is undrained.\n"
    "\n"
    "SERVER is an entry of the configuration as it stands there, such as 192.0.2.1:25 or mx:example.org, or the\n"
    "address of one of the servers that such a name stands for. The proxy's log tells when the workers have heard.\n"
    "\n"
    "  -c FILE   the configuration (" COMMAND_CONFIG_PATH " if none is named)\n"
    "\n"
    "Exit code: 0, 64 for wrong arguments, 69 if the state directory cannot be used, 78 for a bad configuration.\n";

struct request {
    const char *path, *verb, *target;
};

static bool read_arguments(int argc, char **argv, struct request *r)
{
    *r = (struct request){.path = COMMAND_CONFIG_PATH};
    for (int i = 1; i < argc; i++) {
        if ((strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--config") == 0) && i + 1 < argc)
            r->path = argv[++i];
        else if (argv[i][0] == '-' || r->target)
            return false;
        else if (r->verb)
            r->target = argv[i];
        else
            r->verb = argv[i];
    }
    if (!r->verb)
        return false;
    return strcmp(r->verb, "list") == 0 ? !r->target : r->target != NULL;
}

static const struct server_settings *find_entry(const struct backend_settings *b, struct slice server)
{
    const struct server_settings *entries = b->servers.items;
    for (size_t i = 0; i < b->servers.count; i++)
        if (slice_eq(server, slice_of(entries[i].address)))
            return &entries[i];
    return NULL;
}

static bool has_names(const struct backend_settings *b)
{
    const struct server_settings *entries = b->servers.items;
    bool found = false;
    for (size_t i = 0; i < b->servers.count; i++)
        found = found || backend_address_is_name(&entries[i].parsed);
    return found;
}

static void list_backend(struct slice list, const struct backend_settings *b)
{
    const struct server_settings *entries = b->servers.items;
    struct slice server;
    for (size_t i = 0; i < b->servers.count; i++) {
        bool drained = drain_holds(list, b->name, slice_of(entries[i].address));
        printf("%s/%s  %s\n", b->name, entries[i].address, drained ? "drained" : "in service");
    }
    while (drain_next(&list, b->name, &server))
        if (!find_entry(b, server))
            printf("%s/%.*s  drained\n", b->name, SLICE_FMT(server));
}

static int unavailable(const char *why)
{
    fprintf(stderr, "mailweir backend: the state directory is needed: %s\n", why);
    return COMMAND_UNAVAILABLE;
}

static int list(const struct settings *s)
{
    struct buf list = {0};
    bool good = drain_read(s->state.directory, &list);
    for (size_t i = 0; good && i < s->backend_count; i++)
        list_backend(buf_slice(&list), &s->backends[i]);
    buf_release(&list);
    return good ? COMMAND_OK : unavailable(strerror(errno));
}

static const struct backend_settings *find_backend(const struct settings *s, struct slice name)
{
    for (size_t i = 0; i < s->backend_count; i++)
        if (slice_eq(name, slice_of(s->backends[i].name)))
            return &s->backends[i];
    return NULL;
}

/** A server may be named by its address if DNS, which the workers ask, can have led to it. */
static bool is_server(const struct backend_settings *b, struct slice server)
{
    struct net_addr address;
    return find_entry(b, server) || (has_names(b) && net_addr_parse_endpoint(server, &address));
}

static int set(const struct settings *s, const struct request *r)
{
    struct slice server = slice_of(r->target), name;
    slice_split(&server, '/', &name);
    const struct backend_settings *b = find_backend(s, name);
    bool drained = strcmp(r->verb, "drain") == 0;
    if (!b || slice_empty(server))
        return command_misused("backend", "%s names no backend of %s: BACKEND/SERVER is needed", r->target, s->path);
    if (drained && !is_server(b, server))
        return command_misused("backend", "backend %s has no server %.*s", b->name, SLICE_FMT(server));
    /* as the workers' user, lest root writes where that user leads it */
    if (!privileges_drop(s->user, false) || !drain_set(s->state.directory, b->name, server, drained))
        return unavailable(strerror(errno));
    return COMMAND_OK;
}

static int carry_out(const struct settings *s, const struct request *r)
{
    if (!s->state.directory)
        return unavailable("there is none in this configuration (state.directory)");
    if (!privileges_prepare_directory(s->state.directory, s->user))
        return unavailable(strerror(errno));
    return strcmp(r->verb, "list") == 0 ? list(s) : set(s, r);
}

int command_backend(int argc, char **argv)
{
    struct request r;
    if (command_wants_help(argc, argv, command_backend_help))
        return COMMAND_OK;
    if (!read_arguments(argc, argv, &r))
        return command_misused("backend", "list, drain BACKEND/SERVER or undrain BACKEND/SERVER is needed");
    if (strcmp(r.verb, "list") != 0 && strcmp(r.verb, "drain") != 0 && strcmp(r.verb, "undrain") != 0)
        return command_misused("backend", "there is no \"%s\": list, drain or undrain", r.verb);
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    struct settings *s = settings_load(r.path, &errors);
    if (!s)
        conf_errors_print(&errors, stderr);
    int code = s ? carry_out(s, &r) : COMMAND_CONFIG;
    settings_free(&s);
    arena_free(&arena);
    return code;
}
