/* conf_node: see conf_node.h. Looking at a tree that has been read; conf_yaml.c and conf_file.c do the reading. */
#include "base/config/conf_node.h"

#include "base/config/conf_text.h"

enum { KEY_SHOWN_MAX = 60, PATH_DEPTH_MAX = 64 };

const struct conf_node *conf_get(const struct conf_node *node, const char *key)
{
    if (!node || node->kind != CONF_MAP)
        return NULL;
    for (const struct conf_node *child = node->children; child; child = child->next)
        if (slice_eq(child->key, slice_of(key)))
            return child;
    return NULL;
}

bool conf_is_null(const struct conf_node *node)
{
    if (node->kind != CONF_SCALAR || node->quoted)
        return false;
    return node->text.len == 0 || slice_eq(node->text, SLICE("~")) || slice_eq(node->text, SLICE("null"));
}

static void add_step(struct buf *path, const struct conf_node *node)
{
    if (node->parent->kind == CONF_LIST) {
        buf_add_format(path, "[%zu]", node->index);
        return;
    }
    if (path->len)
        buf_add_byte(path, '.');
    conf_text_show(path, node->key, KEY_SHOWN_MAX);
}

const char *conf_path(const struct conf_node *node, struct arena *arena)
{
    const struct conf_node *steps[PATH_DEPTH_MAX];
    size_t depth = 0;
    for (; node && node->parent && depth < PATH_DEPTH_MAX; node = node->parent)
        steps[depth++] = node;
    struct buf path = {0};
    while (depth)
        add_step(&path, steps[--depth]);
    const char *copy = arena_string(arena, buf_slice(&path));
    buf_release(&path);
    return copy;
}

const char *conf_kind_name(enum conf_kind kind)
{
    static const char *const names[] = {"a scalar", "a mapping", "a list"};
    return names[kind];
}
