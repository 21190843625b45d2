/* settings_load: from a file to struct settings: options, then facts, filters, lists, policies. See settings.h.
 *
 * The order is fixed by who needs whom: a filter declares its facts before the policy that uses them is read, and the schema is
 * sealed when nobody can add to it any more. Loading goes on after errors, so that all of them are told at once. */
#include "filters/lists/lists.h"
#include "filters/registry.h"
#include "proxy/settings/core_facts.h"
#include "proxy/settings/rcpt_route.h"
#include "proxy/settings/settings_advice.h"
#include "proxy/settings/settings_backends.h"
#include "proxy/settings/settings_check.h"
#include "proxy/settings/settings_listeners.h"
#include "proxy/settings/settings_signing.h"
#include "proxy/settings/settings_state.h"
#include "proxy/settings/settings_table.h"
#include "proxy/settings/settings_tls.h"

#include <unistd.h>

struct loading {
    struct settings *s;
    struct conf_errors *errors;
    const struct conf_node *root;
    struct settings_table table;
    char *block;                    /* what options_load filled: */
    const struct settings_raw *raw; /* its beginning */
    const struct policy_lists *lists;
};

static const char *machine_name(struct arena *arena)
{
    char name[256];
    if (gethostname(name, sizeof name) != 0)
        return "localhost";
    name[sizeof name - 1] = '\0';
    return arena_string(arena, slice_of(name));
}

static void take_options(struct loading *l)
{
    struct settings *s = l->s;
    const struct settings_raw *raw = l->raw;
    s->hostname = raw->hostname ? raw->hostname : machine_name(s->arena);
    s->help_url = raw->help_url;
    s->user = raw->user;
    s->pid_file = raw->pid_file;
    s->mode = raw->mode;
    s->workers = raw->workers;
    s->drain_ms = raw->drain_ms;
    s->listeners = raw->listeners.items;
    s->listener_count = raw->listeners.count;
    s->backends = raw->backends.items;
    s->backend_count = raw->backends.count;
    s->limits = raw->limits;
    s->spool = raw->spool;
    s->state = raw->state;
    s->dns = raw->dns;
    s->tls = raw->tls;
    s->signing = raw->signing;
    s->log = raw->log;
    s->status = raw->status;
}

static void load_options(struct loading *l)
{
    l->table = settings_table_build(l->s->arena);
    l->block = arena_alloc(l->s->arena, l->table.size);
    l->raw = (const void *)l->block;
    options_load(l->table.rows, l->table.size, l->root, l->block, l->s->arena, l->errors);
    take_options(l);
    l->lists = policy_lists_load(l->raw->lists, l->s->arena, l->errors);
}

static int add_facts(struct loading *l, const struct filter *filter)
{
    int base = (int)fact_schema_count(l->s->facts);
    for (size_t i = 0; i < filter->fact_count; i++)
        if (fact_schema_add(l->s->facts, &filter->facts[i]) < 0)
            conf_error_at(l->errors, NULL, "filter %s: a fact named \"%s\" exists already", filter->name, filter->facts[i].name);
    return base;
}

static void load_filter(struct loading *l, const struct filter *filter, char *block, struct filter_settings *out)
{
    struct filter_options options;
    memcpy(&options, block, sizeof options);
    out->filter = filter;
    out->enabled = options.enabled;
    out->on_error = options.on_error;
    out->timeout_ms = options.timeout_ms;
    out->config = block + filter_options_size();
    out->fact_base = add_facts(l, filter);
    struct filter_setup setup = {.config = out->config,
                                 .node = options.node,
                                 .hostname = l->s->hostname,
                                 .arena = l->s->arena,
                                 .lists = l->lists,
                                 .schema = l->s->facts,
                                 .errors = l->errors,
                                 .fact_base = out->fact_base};
    if (filter->configure)
        filter->configure(&setup);
}

/** Disabled filters are configured, too: their mistakes are told, and policies that name their facts can be read. */
static void load_filters(struct loading *l)
{
    struct settings *s = l->s;
    s->filter_count = l->table.filter_count;
    s->filters = arena_alloc(s->arena, s->filter_count * sizeof *s->filters);
    for (size_t i = 0; i < s->filter_count; i++)
        load_filter(l, filter_registry()[i], l->block + l->table.filters[i], &s->filters[i]);
}

static size_t count_rules(const struct conf_node *policy)
{
    size_t rules = 0;
    for (const struct conf_node *stage = policy->kind == CONF_MAP ? policy->children : NULL; stage; stage = stage->next)
        if (stage->kind == CONF_LIST)
            rules += stage->count;
    return rules;
}

static void load_policies(struct loading *l)
{
    struct settings *s = l->s;
    const struct conf_node *node = l->raw->policies;
    const struct policy_context context = {
        .lists = l->lists,
        .schema = s->facts,
        .arena = s->arena,
        .errors = l->errors,
        .help_url = s->help_url,
    };
    if (!node || node->kind != CONF_MAP) {
        conf_error_at(l->errors, node, "must be a mapping of names to policies");
        return;
    }
    s->policies = arena_alloc(s->arena, node->count * sizeof *s->policies);
    struct policy **policies = arena_alloc(s->arena, node->count * sizeof *policies);
    for (const struct conf_node *child = node->children; child; child = child->next) {
        struct policy_settings *p = &s->policies[s->policy_count];
        p->name = child->key.ptr;
        p->rules = count_rules(child);
        p->policy = policies[s->policy_count++] = policy_load(child, p->name, &context);
    }
    policy_join_candidates(policies, s->policy_count, &context);
}

static const struct policy_settings *find_policy(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->policy_count; i++)
        if (strcmp(s->policies[i].name, name) == 0)
            return &s->policies[i];
    return NULL;
}

/** section: where the policy is named, or would be. */
static void complain_policy(struct loading *l, const char *name, const struct conf_node *section)
{
    const struct settings *s = l->s;
    const struct conf_node *node = conf_get(section, "policy");
    const char **names = arena_alloc(s->arena, (s->policy_count + 1) * sizeof *names);
    for (size_t i = 0; i < s->policy_count; i++)
        names[i] = s->policies[i].name;
    const char *meant = conf_nearest(slice_of(name), names, s->policy_count);
    conf_error_at(l->errors, node ? node : section, "there is no policy \"%s\" under policies%s%s%s", name,
                  meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

static const struct policy *join_policy(struct loading *l, const char *name, const struct conf_node *section)
{
    const struct policy_settings *p = find_policy(l->s, name);
    if (!p)
        complain_policy(l, name, section);
    return p ? p->policy : NULL;
}

static void join_routes(struct loading *l, struct listener_settings *listener)
{
    struct rcpt_route *routes = listener->routes.items;
    for (size_t i = 0; i < listener->routes.count; i++) {
        rcpt_route_load(&routes[i], routes, i, l->lists, l->s->arena, l->errors);
        routes[i].policy_loaded = routes[i].policy ? join_policy(l, routes[i].policy, routes[i].node) : listener->policy_loaded;
    }
}

static void join_policies(struct loading *l)
{
    struct settings *s = l->s;
    for (size_t i = 0; i < s->listener_count; i++) {
        struct listener_settings *listener = &s->listeners[i];
        listener->policy = listener->policy ? listener->policy : SETTINGS_DEFAULT_POLICY;
        listener->policy_loaded = join_policy(l, listener->policy, listener->node);
        join_routes(l, listener);
    }
}

static bool uses_policy(const struct listener_settings *listener, const char *name)
{
    const struct rcpt_route *routes = listener->routes.items;
    bool used = strcmp(listener->policy, name) == 0;
    for (size_t i = 0; i < listener->routes.count; i++)
        used = used || (routes[i].policy && strcmp(routes[i].policy, name) == 0);
    return used;
}

static void warn_unused_policies(struct loading *l)
{
    const struct settings *s = l->s;
    for (size_t i = 0; i < s->policy_count && conf_get(l->root, "policies"); i++) {
        bool used = false;
        for (size_t j = 0; j < s->listener_count; j++)
            used = used || uses_policy(&s->listeners[j], s->policies[i].name);
        for (size_t j = 0; j < s->policy_count; j++)
            used = used || policy_candidate(s->policies[j].policy) == s->policies[i].policy;
        if (!used)
            conf_warning_at(l->errors, conf_get(l->raw->policies, s->policies[i].name), "no listener uses this policy");
    }
}

/** The header fields whose first value somebody asked for by a fact "header.NAME". */
static void collect_header_facts(struct settings *s)
{
    size_t total = fact_schema_count(s->facts);
    int *ids = arena_alloc(s->arena, total * sizeof *ids);
    const char **names = arena_alloc(s->arena, total * sizeof *names);
    for (int id = 0; id < (int)total; id++) {
        const char *name = fact_schema_def(s->facts, id)->name;
        if (id == s->core.header_fields || !slice_starts(slice_of(name), SLICE("header.")))
            continue;
        ids[s->header_fact_count] = id;
        names[s->header_fact_count++] = name + strlen("header.");
    }
    s->header_facts = ids;
    s->header_names = names;
}

static void load_all(struct loading *l)
{
    struct settings *s = l->s;
    load_options(l);
    settings_check(s, l->root, l->errors);
    settings_state_load(&s->state, s->arena, &(struct settings_checking){s, l->root, l->errors});
    settings_prepare_listeners(s, l->errors);
    settings_prepare_backends(s, l->root, l->errors);
    settings_open_tls(s, l->root, l->errors);
    settings_open_signing(s, l->root, l->errors);
    s->facts = fact_schema_new(s->arena);
    core_facts_add(s->facts, &s->core);
    load_filters(l);
    s->client_name = fact_schema_find(s->facts, SLICE("client.ptr"));
    settings_advise(s, l->root, l->errors);
    load_policies(l);
    settings_mark_off(s); /* filters themselves may ask */
    join_policies(l);
    warn_unused_policies(l);
    policy_lists_warn_unused(l->lists, l->raw->lists, l->errors);
    fact_schema_seal(s->facts);
    collect_header_facts(s);
}

/** Takes over the arena. */
static struct settings *load_tree(const struct conf_node *root, const char *path, struct arena *arena, struct conf_errors *errors)
{
    struct settings *s = arena_alloc(arena, sizeof *s);
    struct loading l = {.s = s, .errors = errors, .root = root};
    s->arena = arena;
    s->path = arena_string(arena, slice_of(path));
    if (root)
        load_all(&l);
    if (errors->errors)
        settings_free(&s);
    return s;
}

struct settings *settings_load_tree(const struct conf_node *root, const char *path, struct conf_errors *errors)
{
    return load_tree(root, path, arena_new(), errors);
}

struct settings *settings_load(const char *path, struct conf_errors *errors)
{
    struct arena *arena = arena_new();
    return load_tree(conf_read_file(path, arena, errors), path, arena, errors);
}

struct settings *settings_load_text(struct slice text, const char *name, struct conf_errors *errors)
{
    struct arena *arena = arena_new();
    return load_tree(conf_read_text(text, name, arena, errors), name, arena, errors);
}

struct fact_schema *settings_load_facts(const char *path, struct arena *arena, struct conf_errors *errors)
{
    struct settings *s = arena_alloc(arena, sizeof *s);
    struct loading l = {.s = s, .errors = errors};
    s->arena = arena;
    if (path && !(l.root = conf_read_file(path, arena, errors)))
        return NULL;
    load_options(&l);
    s->facts = fact_schema_new(arena);
    core_facts_add(s->facts, &s->core);
    load_filters(&l);
    settings_mark_off(s);
    fact_schema_seal(s->facts);
    return s->facts;
}

const struct settings *settings_load_options(const char *path, struct arena *arena, struct conf_errors *errors)
{
    struct settings *s = arena_alloc(arena, sizeof *s);
    struct loading l = {.s = s, .errors = errors};
    s->arena = arena;
    s->path = path;
    if (!(l.root = conf_read_file(path, arena, errors)))
        return NULL;
    load_options(&l);
    return s;
}

void settings_free(struct settings **s)
{
    if (!*s)
        return;
    struct arena *arena = (*s)->arena; /* the settings live in it themselves */
    settings_close_tls(*s);
    *s = NULL;
    arena_free(&arena);
}

void settings_print_defaults(FILE *out)
{
    struct arena *arena = arena_new();
    struct settings_table table = settings_table_build(arena);
    options_print_defaults(table.rows, 0, out);
    arena_free(&arena);
}
