/* option_dump: what a struct holds becomes a tree again. See options_dump in option.h.
 *
 * An option without a default that nobody set is left out: there is no way to write it. */
#include "base/config/conf_print.h"
#include "base/config/option_text.h"
#include "base/config/option_value.h"

#include <inttypes.h>

static struct conf_node *new_node(struct arena *arena, enum conf_kind kind)
{
    struct conf_node *node = arena_alloc(arena, sizeof *node);
    node->kind = kind;
    node->text = SLICE("");
    return node;
}

static struct conf_node *new_scalar(struct arena *arena, const char *text)
{
    struct conf_node *node = new_node(arena, CONF_SCALAR);
    node->text = slice_of(text ? text : "null");
    return node;
}

/** A text: in quotes where it could be taken for nothing. */
static struct conf_node *new_text(struct arena *arena, const char *text)
{
    struct conf_node *node = new_scalar(arena, text);
    node->quoted = text && conf_is_null(node);
    return node;
}

static void add_child(struct conf_node *parent, struct conf_node ***last, const char *key, struct conf_node *child)
{
    child->key = slice_of(key);
    child->next = NULL;
    child->index = parent->count++;
    **last = child;
    *last = &child->next;
}

static int64_t number_at(const char *at)
{
    int64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static const char *text_at(const char *at)
{
    const char *text;
    memcpy(&text, at, sizeof text);
    return text;
}

static struct option_list list_at(const char *at)
{
    struct option_list list;
    memcpy(&list, at, sizeof list);
    return list;
}

static const char *format_rate(struct arena *arena, const char *at)
{
    struct option_rate rate;
    memcpy(&rate, at, sizeof rate);
    if (rate.count == 0)
        return NULL;
    return arena_format(arena, "%" PRId64 "/%s", rate.count, option_value_format(OPTION_DURATION, rate.period_ms, arena));
}

static const char *format_endpoint(struct arena *arena, const char *at)
{
    struct net_addr addr;
    char text[NET_ADDR_TEXT];
    memcpy(&addr, at, sizeof addr);
    return addr.family ? arena_string(arena, slice_of(net_addr_format(&addr, text))) : NULL;
}

static const char *format_network(struct arena *arena, const char *at)
{
    struct option_network network;
    char text[NET_ADDR_TEXT];
    memcpy(&network, at, sizeof network);
    return network.addr.family ? arena_format(arena, "%s/%u", net_addr_format_ip(&network.addr, text), network.bits) : NULL;
}

static const char *format_word(const struct option *row, const char *at)
{
    int index;
    memcpy(&index, at, sizeof index);
    return row->words[index];
}

static const char *format_bool(const char *at)
{
    bool value;
    memcpy(&value, at, sizeof value);
    return value ? "true" : "false";
}

/** NULL: not set, and cannot be written. */
static const char *format_value(struct arena *arena, const struct option *row, const char *at)
{
    switch (row->type) {
    case OPTION_BOOL:
        return format_bool(at);
    case OPTION_WORD:
        return format_word(row, at);
    case OPTION_RATE:
        return format_rate(arena, at);
    case OPTION_ENDPOINT:
        return format_endpoint(arena, at);
    case OPTION_NETWORK:
        return format_network(arena, at);
    default:
        return !row->fallback && number_at(at) == 0 ? NULL : option_value_format(row->type, number_at(at), arena);
    }
}

static struct conf_node *dump_table(struct arena *arena, const struct option *table, const char *at, const char *defaults);

/** One struct of a repeated section; only_other: without what is as by default. */
static struct conf_node *dump_item(struct arena *arena, const struct option *row, const struct option *table, const char *at,
                                   bool only_other)
{
    struct conf_errors ignored;
    char *defaults = arena_alloc(arena, row->section_size);
    conf_errors_init(&ignored, arena);
    options_load(table, row->section_size, NULL, defaults, arena, &ignored);
    return dump_table(arena, table, at, only_other ? defaults : NULL);
}

static struct conf_node *dump_items(struct arena *arena, const struct option *row, const char *at, bool only_other)
{
    bool named = row->type == OPTION_NAMED;
    struct conf_node *node = new_node(arena, named ? CONF_MAP : CONF_LIST), **last = &node->children;
    struct option_list list = list_at(at);
    const char *item = list.items;
    for (size_t i = 0; i < list.count; i++, item += row->section_size) {
        const char *name = named ? text_at(item + row->section->offset) : NULL;
        add_child(node, &last, name, dump_item(arena, row, row->section + named, item, only_other));
    }
    return node;
}

static struct conf_node *dump_texts(struct arena *arena, const char *at)
{
    struct conf_node *node = new_node(arena, CONF_LIST), **last = &node->children;
    struct option_list list = list_at(at);
    const char *const *items = list.items;
    for (size_t i = 0; i < list.count; i++)
        add_child(node, &last, NULL, new_text(arena, items[i]));
    return node;
}

/** The tree that its owner reads, under a key of our own. */
static struct conf_node *dump_node(struct arena *arena, const char *at)
{
    const struct conf_node *tree;
    memcpy(&tree, at, sizeof(void *));
    if (!tree)
        return new_scalar(arena, NULL);
    struct conf_node *copy = new_node(arena, tree->kind);
    *copy = *tree;
    return copy;
}

static struct conf_node *dump_scalar(struct arena *arena, const struct option *row, const char *at)
{
    if (row->type == OPTION_TEXT || row->type == OPTION_PATH)
        return new_text(arena, text_at(at));
    const char *text = format_value(arena, row, at);
    return text ? new_scalar(arena, text) : NULL;
}

static struct conf_node *dump_value(struct arena *arena, const struct option *row, const char *at, bool only_other)
{
    switch (row->type) {
    case OPTION_SECTIONS:
    case OPTION_NAMED:
        return dump_items(arena, row, at, only_other);
    case OPTION_TEXTS:
        return dump_texts(arena, at);
    case OPTION_NODE:
        return dump_node(arena, at);
    default:
        return dump_scalar(arena, row, at);
    }
}

static bool is_default(struct arena *arena, const struct option *row, const char *at, const char *defaults)
{
    const struct conf_node *mine = dump_value(arena, row, at, false), *other = dump_value(arena, row, defaults, false);
    return !mine || (other && conf_equal(mine, other));
}

/** NULL: nothing to be written. */
static struct conf_node *dump_row(struct arena *arena, const struct option *row, const char *at, const char *defaults)
{
    if (row->type == OPTION_SECTION) {
        struct conf_node *section = dump_table(arena, row->section, at, defaults);
        return defaults && section->count == 0 ? NULL : section;
    }
    if (defaults && !row->required && is_default(arena, row, at, defaults)) /* a required row has no default, not even 0 */
        return NULL;
    return dump_value(arena, row, at, defaults != NULL);
}

static struct conf_node *dump_table(struct arena *arena, const struct option *table, const char *at, const char *defaults)
{
    struct conf_node *map = new_node(arena, CONF_MAP), **last = &map->children;
    for (const struct option *row = table; row->key; row++) {
        if (!option_is_shown(row))
            continue;
        struct conf_node *child = dump_row(arena, row, at + row->offset, defaults ? defaults + row->offset : NULL);
        if (child)
            add_child(map, &last, row->key, child);
    }
    return map;
}

struct conf_node *options_dump(const struct option *table, const void *target, const void *defaults, struct arena *arena)
{
    return dump_table(arena, table, target, defaults);
}
