/* lists: see lists.h. */
#include "filters/lists/lists.h"

#include "filters/mailbox_fold.h"

struct policy_list *policy_list_new(const char *name, struct arena *arena)
{
    struct policy_list *list = arena_alloc(arena, sizeof *list);
    list->name = name;
    list->networks = cidr_set_new(arena);
    list->texts = text_set_new(arena);
    return list;
}

void policy_list_seal(struct policy_list *list)
{
    cidr_set_seal(list->networks);
}

static void add_glob(struct policy_list *list, struct slice key, struct arena *arena)
{
    struct policy_list_glob *g = arena_alloc(arena, sizeof *g);
    g->key = key;
    g->next = list->globs;
    list->globs = g;
}

const char *policy_list_add(struct policy_list *list, struct slice text, struct arena *arena)
{
    struct pattern p;
    const char *error = pattern_parse(text, arena, &p);
    if (error) {
        list->bad++;
        return error;
    }
    list->counts[p.kind]++;
    if (p.kind == PATTERN_NETWORK)
        cidr_set_add(list->networks, text);
    else if (p.covers & PATTERN_GLOB)
        add_glob(list, p.key, arena);
    else
        text_set_add(list->texts, p.key, p.covers);
    return NULL;
}

static void add_node(struct policy_list *list, const struct conf_node *node, struct arena *arena, struct conf_errors *errors);

static void add_file_map(struct policy_list *list, const struct conf_node *node, struct arena *arena, struct conf_errors *errors)
{
    bool named = false;
    for (const struct conf_node *c = node->children; c; c = c->next) {
        if (!slice_eq(c->key, SLICE("file")))
            conf_error_at(errors, c, "unknown key; a list knows only \"file\"");
        else if (c->kind != CONF_SCALAR || slice_empty(c->text))
            conf_error_at(errors, c, "a file's path is needed, not %s", conf_kind_name(c->kind));
        else
            policy_list_add_file(list, c, arena, errors);
        named |= slice_eq(c->key, SLICE("file"));
    }
    if (!named)
        conf_error_at(errors, node, "a list is entries, or {file: PATH}");
}

static void add_node(struct policy_list *list, const struct conf_node *node, struct arena *arena, struct conf_errors *errors)
{
    if (node->kind == CONF_MAP) {
        add_file_map(list, node, arena, errors);
        return;
    }
    if (conf_is_null(node)) {
        conf_error_at(errors, node, "an empty entry");
        return;
    }
    const char *error = policy_list_add(list, node->text, arena);
    if (error)
        conf_error_at(errors, node, "\"%.*s\": %s", SLICE_FMT(slice_first(node->text, 100)), error);
}

static void load_list(struct policy_lists *lists, const struct conf_node *node, struct arena *arena, struct conf_errors *errors)
{
    struct policy_list *list = policy_list_new(arena_string(arena, node->key), arena);
    *lists->last = list;
    lists->last = &list->next;
    if (node->kind != CONF_LIST)
        add_node(list, node, arena, errors);
    else
        for (const struct conf_node *c = node->children; c; c = c->next) {
            if (c->kind == CONF_LIST)
                conf_error_at(errors, c, "an entry is needed, not a list");
            else
                add_node(list, c, arena, errors);
        }
    policy_list_seal(list);
}

struct policy_lists *policy_lists_load(const struct conf_node *node, struct arena *arena, struct conf_errors *errors)
{
    struct policy_lists *lists = arena_alloc(arena, sizeof *lists);
    lists->last = &lists->first;
    if (!node || conf_is_null(node))
        return lists;
    if (node->kind != CONF_MAP) {
        conf_error_at(errors, node, "a mapping of names to lists is needed, not %s", conf_kind_name(node->kind));
        return lists;
    }
    for (const struct conf_node *c = node->children; c; c = c->next)
        load_list(lists, c, arena, errors);
    return lists;
}

const struct policy_list *policy_list_find(const struct policy_lists *lists, struct slice name)
{
    for (struct policy_list *l = lists ? lists->first : NULL; l; l = l->next)
        if (slice_eq(slice_of(l->name), name)) {
            l->used = true;
            return l;
        }
    return NULL;
}

void policy_lists_warn_unused(const struct policy_lists *lists, const struct conf_node *node, struct conf_errors *errors)
{
    for (const struct policy_list *l = lists ? lists->first : NULL; l; l = l->next)
        if (!l->used)
            conf_warning_at_key(errors, conf_get(node, l->name), "nothing uses this list");
}

const char *policy_list_nearest(const struct policy_lists *lists, struct slice name, struct arena *arena)
{
    size_t count = 0;
    for (const struct policy_list *l = lists ? lists->first : NULL; l; l = l->next)
        count++;
    if (count == 0)
        return NULL;
    const char **names = arena_alloc(arena, count * sizeof *names);
    count = 0;
    for (const struct policy_list *l = lists->first; l; l = l->next)
        names[count++] = l->name;
    return conf_nearest(name, names, count);
}

bool policy_list_fits(const struct policy_list *list, enum fact_type type)
{
    const size_t *n = list->counts;
    size_t textual = n[PATTERN_DOMAIN] + n[PATTERN_MAILBOX] + n[PATTERN_TEXT];
    if (list->bad > 0 || textual + n[PATTERN_NETWORK] == 0)
        return true;
    switch (type) {
    case FACT_ADDRESS:
        return n[PATTERN_NETWORK] > 0;
    case FACT_DOMAIN:
        return n[PATTERN_DOMAIN] > 0;
    case FACT_MAILBOX:
        return n[PATTERN_DOMAIN] + n[PATTERN_MAILBOX] > 0;
    case FACT_TEXT:
    case FACT_LIST:
        return textual > 0;
    case FACT_WORD:
    case FACT_NUMBER:
        break;
    }
    return false;
}

static bool holds_text(const struct policy_list *list, struct slice text)
{
    if (text_set_holds(list->texts, text))
        return true;
    for (const struct policy_list_glob *g = list->globs; g; g = g->next)
        if (pattern_glob_matches(g->key, text))
            return true;
    return false;
}

static bool holds_mailbox(const struct policy_list *list, struct slice mailbox)
{
    char folded[MAILBOX_FOLD_MAX];
    if (text_set_holds(list->texts, mailbox_fold(mailbox, folded)))
        return true;
    struct slice domain = mailbox_domain(mailbox);
    return domain.len > 0 && holds_text(list, domain);
}

bool policy_list_holds(const struct policy_list *list, enum fact_type type, const struct fact_value *value)
{
    switch (type) {
    case FACT_ADDRESS:
        return cidr_set_holds(list->networks, &value->addr);
    case FACT_MAILBOX:
        return holds_mailbox(list, value->text);
    case FACT_DOMAIN:
    case FACT_TEXT:
        return holds_text(list, value->text);
    case FACT_LIST:
        for (size_t i = 0; i < value->count; i++)
            if (holds_text(list, value->items[i]))
                return true;
        return false;
    case FACT_WORD:
    case FACT_NUMBER:
        break;
    }
    return false;
}
