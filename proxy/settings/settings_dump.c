/* settings_dump: the settings in force, as a tree. See settings_dump in settings.h.
 *
 * The file is read by its absolute path: every path in it, of lists and of included files, too, is then absolute. */
#include "proxy/settings/settings_table.h"

#include <limits.h>
#include <stdlib.h>

/** The paths of list files, which the policy's reader would take as relative to the file they are written in. */
static void make_absolute(struct conf_node *node, struct arena *arena)
{
    ptrdiff_t slash = node->file ? slice_last_index(slice_of(node->file), '/') : -1;
    if (node->kind == CONF_SCALAR && slice_eq(node->key, SLICE("file")) && node->text.len && node->text.ptr[0] != '/' && slash >= 0)
        node->text = slice_of(arena_format(arena, "%.*s%s", (int)slash + 1, node->file, node->text.ptr));
    for (struct conf_node *child = node->children; child; child = child->next)
        make_absolute(child, arena);
}

static struct conf_node *find(struct conf_node *map, struct slice key)
{
    for (struct conf_node *child = map->children; child; child = child->next)
        if (slice_eq(child->key, key))
            return child;
    return NULL;
}

/** What the table makes of a tree; root NULL: the defaults. */
static const void *load(const struct settings_table *table, const struct conf_node *root, struct arena *arena, struct conf_errors *errors)
{
    char *block = arena_alloc(arena, table->size);
    options_load(table->rows, table->size, root, block, arena, errors);
    return block;
}

static bool is_good(const char *path, struct conf_errors *errors)
{
    struct settings *s = settings_load(path, errors);
    bool good = s != NULL;
    settings_free(&s);
    return good;
}

const struct conf_node *settings_dump(const char *path, bool all, struct arena *arena, struct conf_errors *errors)
{
    char absolute[PATH_MAX];
    struct conf_errors again; /* all of it has been told */
    conf_errors_init(&again, arena);
    if (!is_good(path, errors))
        return NULL;
    struct conf_node *root = conf_read_file(realpath(path, absolute) ? absolute : path, arena, &again);
    if (!root)
        return NULL;
    struct conf_node *lists = find(root, SLICE("lists"));
    if (lists)
        make_absolute(lists, arena);
    struct settings_table table = settings_table_build(arena);
    const void *defaults = all ? NULL : load(&table, NULL, arena, &again);
    return options_dump(table.rows, load(&table, root, arena, &again), defaults, arena);
}
