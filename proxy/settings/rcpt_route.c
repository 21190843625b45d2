/* rcpt_route: see rcpt_route.h. */
#include "proxy/settings/rcpt_route.h"

struct loading {
    const struct policy_lists *lists;
    struct arena *arena;
    struct conf_errors *errors;
    struct rcpt_match **last;
};

static bool matches(const struct rcpt_match *m, struct slice rcpt)
{
    const struct fact_value value = {.present = true, .text = rcpt};
    return m->list ? policy_list_holds(m->list, FACT_MAILBOX, &value) : pattern_matches_mailbox(&m->pattern, rcpt);
}

static const struct rcpt_match *find_match(const struct rcpt_route *route, struct slice rcpt)
{
    const struct rcpt_match *m = route->match;
    while (m && !matches(m, rcpt))
        m = m->next;
    return m;
}

const struct rcpt_route *rcpt_route_find(const struct listener_settings *listener, struct slice rcpt)
{
    const struct rcpt_route *routes = listener->routes.items;
    for (size_t i = 0; i < listener->routes.count; i++)
        if (find_match(&routes[i], rcpt))
            return &routes[i];
    return NULL;
}

static void add(struct loading *l, struct rcpt_match match)
{
    *l->last = arena_alloc(l->arena, sizeof match);
    **l->last = match;
    l->last = &(*l->last)->next;
}

/** The one recipient without a domain (RFC 5321 §4.5.1). */
static bool is_postmaster(struct slice text)
{
    return slice_eq_nocase(text, SLICE("postmaster"));
}

static const char *read_pattern(struct slice text, struct arena *arena, struct pattern *out)
{
    const char *error = pattern_parse(text, arena, out);
    if (is_postmaster(text))
        *out = (struct pattern){.kind = PATTERN_TEXT, .covers = PATTERN_SELF, .key = text};
    else if (!error && out->kind != PATTERN_DOMAIN && (out->kind != PATTERN_MAILBOX || out->key.len == 0))
        error = "no recipient is like this; a mailbox or a domain is needed";
    return error;
}

static void add_text(struct loading *l, const struct conf_node *node)
{
    struct rcpt_match match = {.list = NULL};
    const char *error = read_pattern(node->text, l->arena, &match.pattern);
    if (error)
        conf_error_at(l->errors, node, "\"%.*s\": %s", SLICE_FMT(slice_first(node->text, 100)), error);
    else
        add(l, match);
}

static void add_list(struct loading *l, const struct conf_node *node)
{
    const struct policy_list *list = policy_list_find(l->lists, node->text);
    const char *meant = list ? NULL : policy_list_nearest(l->lists, node->text, l->arena);
    if (!list)
        conf_error_at(l->errors, node, "there is no list \"%.*s\" under lists%s%s%s", SLICE_FMT(slice_first(node->text, 100)),
                      meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
    else if (!policy_list_fits(list, FACT_MAILBOX))
        conf_error_at(l->errors, node, "list \"%s\" holds no mailbox and no domain", list->name);
    else
        add(l, (struct rcpt_match){.list = list});
}

static void add_lists(struct loading *l, const struct conf_node *node)
{
    const struct conf_node *in = conf_get(node, "in");
    if (!in || node->count != 1)
        conf_error_at(l->errors, node, "a mailbox, a domain or {in: LIST} is needed");
    else if (in->kind == CONF_SCALAR)
        add_list(l, in);
    else
        for (const struct conf_node *n = in->children; n; n = n->next)
            add_list(l, n);
}

static void add_node(struct loading *l, const struct conf_node *node)
{
    if (node->kind == CONF_MAP)
        add_lists(l, node);
    else if (node->kind == CONF_SCALAR && !conf_is_null(node))
        add_text(l, node);
    else
        conf_error_at(l->errors, node, "a mailbox, a domain or {in: LIST} is needed");
}

/** Whether p names every domain below that of q. */
static bool covers_below(const struct pattern *p, const struct pattern *q)
{
    const struct pattern whole = {.kind = PATTERN_DOMAIN, .covers = PATTERN_SELF | PATTERN_BELOW, .key = p->key};
    return p->kind == PATTERN_DOMAIN && (p->covers & PATTERN_BELOW) && pattern_matches_text(&whole, q->key);
}

/** Whether a names whatever b names. False if that cannot be told. */
static bool covers(const struct rcpt_match *a, const struct rcpt_match *b)
{
    const struct pattern *p = &a->pattern, *q = &b->pattern;
    if (b->list)
        return a->list == b->list;
    if (q->kind != PATTERN_DOMAIN)
        return matches(a, q->key);
    if (a->list || p->kind != PATTERN_DOMAIN)
        return false;
    return (!(q->covers & PATTERN_SELF) || pattern_matches_text(p, q->key)) && (!(q->covers & PATTERN_BELOW) || covers_below(p, q));
}

static const struct rcpt_route *find_cover(const struct rcpt_match *match, const struct rcpt_route *before, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (const struct rcpt_match *m = before[i].match; m; m = m->next)
            if (covers(m, match))
                return &before[i];
    return NULL;
}

static void warn_shadowed(struct loading *l, const struct rcpt_route *route, const struct rcpt_route *before, size_t count)
{
    const struct rcpt_route *other = NULL;
    for (const struct rcpt_match *m = route->match; m; m = m->next)
        if (!(other = find_cover(m, before, count)))
            return;
    if (other)
        conf_warning_at(l->errors, route->node, "no recipient comes here: all are named before, by the entry in line %u",
                        other->node->line);
}

void rcpt_route_load(struct rcpt_route *route, const struct rcpt_route *before, size_t count, const struct policy_lists *lists,
                     struct arena *arena, struct conf_errors *errors)
{
    struct loading l = {lists, arena, errors, &route->match};
    const struct conf_node *node = route->rcpt_node;
    size_t known = errors->errors;
    if (!node)
        return;
    if (node->kind == CONF_LIST && node->count == 0)
        conf_error_at(errors, node, "a mailbox, a domain or {in: LIST} is needed");
    else if (node->kind != CONF_LIST)
        add_node(&l, node);
    else
        for (const struct conf_node *n = node->children; n; n = n->next)
            add_node(&l, n);
    if (errors->errors == known)
        warn_shadowed(&l, route, before, count);
}
