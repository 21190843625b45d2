/* conf_unique: see conf_unique.h. Keys are sorted, so that a mapping of any size is checked in n log n steps. */
#include "base/config/conf_unique.h"

#include "base/mem.h"

#include <stdlib.h>

struct entry {
    struct conf_node *node;
    size_t order; /* in the mapping */
};

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = slice_compare(x->node->key, y->node->key);
    if (order != 0)
        return order;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void adopt(struct conf_node *map, struct conf_node *other)
{
    struct conf_node **last = &map->children;
    while (*last)
        last = &(*last)->next;
    *last = other->children;
    map->count += other->count;
    for (struct conf_node *child = other->children; child; child = child->next)
        child->parent = map;
}

/** b has the key of a, which stands before it: joins or complains. */
static void settle(struct conf_node *a, struct conf_node *b, bool join, struct conf_errors *errors)
{
    if (join && a->kind == CONF_MAP && b->kind == CONF_MAP) {
        adopt(a, b);
        conf_unique(a, true, errors);
    } else {
        conf_error_at_key(errors, b, "this key is already set at %s:%u:%u", a->file, a->key_line, a->key_column);
    }
}

/** Settles equal neighbours and sets node to NULL in the entries to drop. */
static void settle_all(struct entry *entries, size_t count, bool join, struct conf_errors *errors)
{
    struct conf_node *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (first && slice_eq(first->key, entries[i].node->key)) {
            settle(first, entries[i].node, join, errors);
            entries[i].node = NULL;
        } else {
            first = entries[i].node;
        }
    }
}

static int by_order(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void relink(struct conf_node *map, const struct entry *entries, size_t count)
{
    struct conf_node **last = &map->children;
    map->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!entries[i].node)
            continue;
        *last = entries[i].node;
        last = &entries[i].node->next;
        map->count++;
    }
    *last = NULL;
}

void conf_unique(struct conf_node *map, bool join, struct conf_errors *errors)
{
    size_t count = 0;
    if (map->count < 2)
        return;
    struct entry *entries = mem_alloc(map->count * sizeof *entries);
    for (struct conf_node *child = map->children; child; child = child->next) {
        entries[count].node = child;
        entries[count].order = count;
        count++;
    }
    qsort(entries, count, sizeof *entries, by_key);
    settle_all(entries, count, join, errors);
    qsort(entries, count, sizeof *entries, by_order);
    relink(map, entries, count);
    mem_free(entries);
}
