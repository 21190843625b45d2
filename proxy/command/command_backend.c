/* command_backend: `mailweir backend list|drain|undrain`: takes servers out of service, and back, while the proxy runs. The state store
 * carries the word to the workers (drain.h). */
#include "base/kv.h"
#include "proxy/backend/drain.h"
#include "proxy/command/command.h"
#include "proxy/process/privileges.h"
#include "proxy/settings/settings.h"

#include <errno.h>
#include <string.h>

static const char help[] = "Usage: mailweir backend list [-c FILE]\n"
                           "       mailweir backend drain [-c FILE] BACKEND/SERVER\n"
                           "       mailweir backend undrain [-c FILE] BACKEND/SERVER\n"
                           "\n"
                           "A drained server gets no new sessions, from a second later on; those under way finish. It stays drained,\n"
                           "also over restarts, until it is undrained.\n"
                           "\n"
                           "SERVER is an entry of the configuration as it stands there, such as 192.0.2.1:25 or mx:example.org, or the\n"
                           "address of one of the servers that such a name stands for. The proxy's log tells when the workers have heard.\n"
                           "\n"
                           "  -c FILE   the configuration (" COMMAND_CONFIG_PATH " if none is named)\n";

struct request {
    const char *path, *verb, *target;
};

/** What `list` prints, backend by backend. */
struct listing {
    const struct backend_settings *backend;
    struct slice entry; /* the one asked about; empty: all that are no entry */
    bool found;
};

static bool read_arguments(int argc, char **argv, struct request *r)
{
    *r = (struct request){.path = COMMAND_CONFIG_PATH};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
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

static void compare(void *ctx, struct slice server)
{
    struct listing *l = ctx;
    if (l->entry.len)
        l->found = l->found || slice_eq(server, l->entry);
    else if (!find_entry(l->backend, server))
        printf("%s/%.*s  drained\n", l->backend->name, SLICE_FMT(server));
}

static void list_backend(struct kv *state, const struct backend_settings *b)
{
    const struct server_settings *entries = b->servers.items;
    for (size_t i = 0; i < b->servers.count; i++) {
        struct listing l = {b, slice_of(entries[i].address), false};
        drain_each(state, b->name, compare, &l);
        printf("%s/%s  %s\n", b->name, entries[i].address, l.found ? "drained" : "in service");
    }
    struct listing others = {.backend = b};
    drain_each(state, b->name, compare, &others);
}

static int list(struct kv *state, const struct settings *s)
{
    for (size_t i = 0; i < s->backend_count; i++)
        list_backend(state, &s->backends[i]);
    return COMMAND_OK;
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

static int set(struct kv *state, const struct settings *s, const struct request *r)
{
    struct slice server = slice_of(r->target), name;
    slice_split(&server, '/', &name);
    const struct backend_settings *b = find_backend(s, name);
    bool drained = strcmp(r->verb, "drain") == 0;
    if (!b || !server.ptr)
        return command_misused("backend", "%s names no backend of %s: BACKEND/SERVER is needed", r->target, s->path);
    if (drained && !is_server(b, server))
        return command_misused("backend", "backend %s has no server %.*s", b->name, SLICE_FMT(server));
    if (drain_set(state, b->name, server.ptr, drained))
        return COMMAND_OK;
    fprintf(stderr, "mailweir backend: the state store could not be written\n");
    return COMMAND_FAILED;
}

/** As the workers' user, lest they could not open what root made. */
static struct kv *open_state(const struct settings *s)
{
    const char *error = "there is none in this configuration (state.directory)";
    struct kv *state = NULL;
    if (s->state.directory && !privileges_prepare_directory(s->state.directory, s->user))
        error = strerror(errno);
    else if (s->state.directory && !privileges_drop(s->user, false))
        error = strerror(errno);
    else if (s->state.directory)
        state = kv_open(s->state.directory, (size_t)s->state.size, &error);
    if (!state)
        fprintf(stderr, "mailweir backend: the state store is needed: %s\n", error);
    return state;
}

static int carry_out(const struct settings *s, const struct request *r)
{
    struct kv *state = open_state(s);
    if (!state)
        return COMMAND_FAILED;
    int code = strcmp(r->verb, "list") == 0 ? list(state, s) : set(state, s, r);
    kv_close(&state);
    return code;
}

int command_backend(int argc, char **argv)
{
    struct request r;
    if (command_wants_help(argc, argv, help))
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
