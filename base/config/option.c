/* option: see option.h. Loads a mapping into a struct by its table; option_value.c reads the scalars. */
#include "base/config/option.h"

#include "base/config/option_value.h"

enum { EXAMPLE_MAX = 40 };

struct loading {
    struct arena *arena;
    struct conf_errors *errors;
};

static void load_table(struct loading *l, const struct option *table, const struct conf_node *node, char *target);
static void load_value(struct loading *l, const struct option *row, const struct conf_node *node, char *at);

/** A row for the section's own node, not an option. */
static bool is_own_node(const struct option *row)
{
    return row->key[0] == '\0';
}

/** The n-th option of a table, not counting rows for the own node; NULL if there are fewer. */
static const struct option *nth_option(const struct option *table, size_t n)
{
    for (const struct option *row = table; row->key; row++)
        if (!is_own_node(row) && n-- == 0)
            return row;
    return NULL;
}

static void store_list(char *at, void *items, size_t count)
{
    struct option_list list = {count, items};
    memcpy(at, &list, sizeof list);
}

static void load_scalar(struct loading *l, const struct option *row, const struct conf_node *node, char *at)
{
    if (node->kind != CONF_SCALAR) {
        conf_error_at(l->errors, node, "must be %s, not %s", option_type_text(row->type), conf_kind_name(node->kind));
        return;
    }
    const char *why = option_value_parse(row, node->text, at, l->arena);
    if (why)
        conf_error_at(l->errors, node, "%s", why);
}

/** Puts the directory of the file that a relative path is written in before it. */
static void load_path(struct loading *l, const struct option *row, const struct conf_node *node, char *at)
{
    ptrdiff_t slash = slice_last_index(slice_of(node->file), '/');
    size_t before = l->errors->errors;
    load_scalar(l, row, node, at);
    if (before != l->errors->errors || node->text.ptr[0] == '/' || slash < 0)
        return;
    const char *path = arena_format(l->arena, "%.*s%s", (int)slash + 1, node->file, node->text.ptr);
    memcpy(at, &path, sizeof path);
}

static void load_texts(struct loading *l, const struct conf_node *node, char *at)
{
    static const struct option text_row = {.key = "text", .type = OPTION_TEXT};
    const struct conf_node *item = node->kind == CONF_LIST ? node->children : node;
    size_t count = 0, room = node->kind == CONF_LIST ? node->count : 1;
    if (node->kind == CONF_MAP) {
        conf_error_at(l->errors, node, "must be %s, not %s", option_type_text(OPTION_TEXTS), conf_kind_name(node->kind));
        return;
    }
    const char **items = arena_alloc(l->arena, room * sizeof *items);
    for (; item && count < room; item = item->next)
        load_value(l, &text_row, item, (char *)&items[count++]);
    store_list(at, items, count);
}

/** One struct of a repeated section. A scalar sets the option in short_row, the others keep their defaults. */
static void load_item(struct loading *l, const struct option *row, const struct option *short_row, const struct conf_node *node, char *item)
{
    if (node->kind != CONF_SCALAR || conf_is_null(node) || !short_row) {
        load_table(l, row->section, node, item);
        return;
    }
    load_table(l, row->section, NULL, item);
    load_value(l, short_row, node, item + short_row->offset);
    for (const struct option *r = row->section; r->key; r++)
        if (is_own_node(r))
            memcpy(item + r->offset, &node, sizeof(void *));
        else if (r->required && r != short_row)
            conf_error_at(l->errors, node, "must be %s: \"%s\" is required, too", option_type_text(OPTION_SECTION), r->key);
}

static void load_sections(struct loading *l, const struct option *row, const struct conf_node *node, char *at)
{
    if (node->kind != CONF_LIST) {
        conf_error_at(l->errors, node, "must be a list (\"- \" before each item), not %s", conf_kind_name(node->kind));
        return;
    }
    char *items = arena_alloc(l->arena, node->count * row->section_size);
    size_t count = 0;
    for (const struct conf_node *child = node->children; child; child = child->next)
        load_item(l, row, nth_option(row->section, 0), child, items + count++ * row->section_size);
    store_list(at, items, count);
}

static void load_named(struct loading *l, const struct option *row, const struct conf_node *node, char *at)
{
    if (node->kind != CONF_MAP) {
        conf_error_at(l->errors, node, "must be %s, not %s", option_type_text(OPTION_NAMED), conf_kind_name(node->kind));
        return;
    }
    const struct option *name_row = nth_option(row->section, 0);
    char *items = arena_alloc(l->arena, node->count * row->section_size);
    size_t count = 0;
    for (const struct conf_node *child = node->children; child; child = child->next) {
        char *item = items + count++ * row->section_size;
        struct option rest = *row;
        rest.section = name_row + 1; /* the name is no key inside */
        load_item(l, &rest, nth_option(rest.section, 0), child, item);
        const char *why = option_value_parse(name_row, child->key, item + name_row->offset, l->arena);
        if (why)
            conf_error_at_key(l->errors, child, "the name %s", why);
    }
    store_list(at, items, count);
}

static void load_value(struct loading *l, const struct option *row, const struct conf_node *node, char *at)
{
    if (option_type_is_scalar(row->type) && conf_is_null(node)) {
        conf_error_at(l->errors, node, "has no value; it must be %s", option_type_text(row->type));
        return;
    }
    switch (row->type) {
    case OPTION_SECTION:
        load_table(l, row->section, node, at);
        break;
    case OPTION_SECTIONS:
        load_sections(l, row, node, at);
        break;
    case OPTION_NAMED:
        load_named(l, row, node, at);
        break;
    case OPTION_TEXTS:
        load_texts(l, node, at);
        break;
    case OPTION_NODE:
        memcpy(at, &node, sizeof(void *));
        break;
    case OPTION_PATH:
        load_path(l, row, node, at);
        break;
    default:
        load_scalar(l, row, node, at);
    }
}

static void load_default(struct loading *l, const struct option *row, char *at)
{
    if (row->type == OPTION_SECTION) {
        load_table(l, row->section, NULL, at);
    } else if (row->fallback && !row->required) {
        const char *name = arena_format(l->arena, "(default of %s)", row->key);
        const struct conf_node scalar = {.kind = CONF_SCALAR, .file = name, .text = slice_of(row->fallback), .quoted = true};
        const struct conf_node *tree =
            option_type_is_scalar(row->type) ? &scalar : conf_read_text(slice_of(row->fallback), name, l->arena, l->errors);
        if (tree)
            load_value(l, row, tree, at);
    }
}

/** An explicit or implied nothing: leaves, or restores, what "nothing" means for the row's type. */
static void load_null(struct loading *l, const struct option *row, const struct conf_node *node, char *at)
{
    bool explicit = node->text.len > 0;
    bool can_be_unset = row->type == OPTION_TEXT || row->type == OPTION_PATH;
    bool is_list = row->type == OPTION_TEXTS || row->type == OPTION_SECTIONS || row->type == OPTION_NAMED;
    if (row->type == OPTION_SECTION || row->type == OPTION_NODE || (is_list && !explicit && !row->required))
        return;
    if (explicit && can_be_unset && !row->required)
        memset(at, 0, sizeof(const char *));
    else if (explicit && is_list && !row->required)
        store_list(at, NULL, 0);
    else
        conf_error_at(l->errors, node, "has no value; it must be %s", option_type_text(row->type));
}

static void load_row(struct loading *l, const struct option *row, const struct conf_node *map, char *target)
{
    char *at = target + row->offset;
    if (is_own_node(row)) {
        memcpy(at, &map, sizeof(void *));
        return;
    }
    const struct conf_node *value = conf_get(map, row->key);
    if (value && !conf_is_null(value) && row->type == OPTION_SECTION) {
        load_value(l, row, value, at);
        return;
    }
    load_default(l, row, at);
    if (value && conf_is_null(value))
        load_null(l, row, value, at);
    else if (value)
        load_value(l, row, value, at);
    else if (map && row->required)
        conf_error_at(l->errors, map, "\"%s\" is missing; it must be %s", row->key, option_type_text(row->type));
}

const char *options_nearest(const struct option *table, struct slice key)
{
    enum { KEYS_MAX = 128 };
    const char *keys[KEYS_MAX];
    size_t count = 0;
    for (const struct option *row = table; row->key && count < KEYS_MAX; row++)
        if (!is_own_node(row))
            keys[count++] = row->key;
    return conf_nearest(key, keys, count);
}

static bool has_key(const struct option *table, struct slice key)
{
    for (const struct option *row = table; row->key; row++)
        if (!is_own_node(row) && slice_eq(slice_of(row->key), key))
            return true;
    return false;
}

static void check_keys(struct loading *l, const struct option *table, const struct conf_node *map)
{
    for (const struct conf_node *child = map ? map->children : NULL; child; child = child->next) {
        if (has_key(table, child->key))
            continue;
        const char *meant = options_nearest(table, child->key);
        if (meant)
            conf_error_at_key(l->errors, child, "unknown option; did you mean \"%s\"?", meant);
        else
            conf_error_at_key(l->errors, child, "unknown option");
    }
}

static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!ascii_is_alnum(text.ptr[i]) && !strchr("._/-", text.ptr[i]))
            return false;
    return text.len > 0 && text.len <= EXAMPLE_MAX;
}

/** ", such as {to: syslog}": the table's first option with the value that stands there instead of a mapping, if it can have it. */
static const char *example(struct loading *l, const struct option *table, const struct conf_node *node)
{
    const struct option *row = nth_option(table, 0);
    if (!row || !option_type_is_scalar(row->type))
        return "";
    union {
        max_align_t align;
        char bytes[sizeof(struct net_addr) + sizeof(struct option_network)];
    } ignored;
    bool fits = node->kind == CONF_SCALAR && is_plain(node->text) && !option_value_parse(row, node->text, ignored.bytes, l->arena);
    const char *value = fits ? node->text.ptr : row->fallback;
    return value ? arena_format(l->arena, ", such as {%s: %s}", row->key, value) : "";
}

static void load_table(struct loading *l, const struct option *table, const struct conf_node *node, char *target)
{
    if (node && node->kind != CONF_MAP && !conf_is_null(node)) {
        conf_error_at(l->errors, node, "must be a mapping of options%s, not %s", example(l, table, node), conf_kind_name(node->kind));
        node = NULL;
    }
    for (const struct option *row = table; row->key; row++)
        load_row(l, row, node, target);
    if (node && node->kind == CONF_MAP)
        check_keys(l, table, node);
}

void options_load(const struct option *table, size_t size, const struct conf_node *node, void *target, struct arena *arena,
                  struct conf_errors *errors)
{
    struct loading l = {arena, errors};
    memset(target, 0, size);
    load_table(&l, table, node, target);
}
