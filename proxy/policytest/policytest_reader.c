/* policytest_reader: see policytest_reader.h. */
#include "proxy/policytest/policytest_reader.h"

enum { SHOWN_MAX = 80 };

static const char *meant(struct policytest_reader *r, struct slice text, const char *const *words, size_t count)
{
    const char *near = conf_nearest(text, words, count), *list = count ? words[0] : "";
    if (near)
        return arena_format(r->arena, "did you mean \"%s\"?", near);
    for (size_t i = 1; i < count; i++)
        list = arena_format(r->arena, "%s%s%s", list, i + 1 == count ? " and " : ", ", words[i]);
    return arena_format(r->arena, "there are %s", list);
}

static bool is_one_of(struct slice text, const char *const *words, size_t count, int *index)
{
    for (size_t i = 0; i < count; i++) {
        *index = (int)i;
        if (slice_eq(text, slice_of(words[i])))
            return true;
    }
    return false;
}

bool policytest_reader_map(struct policytest_reader *r, const struct conf_node *node, const char *needed, const char *const *keys,
                           size_t count)
{
    int index;
    if (node->kind != CONF_MAP) {
        conf_error_at(r->errors, node, "%s is a mapping, not %s", needed, conf_kind_name(node->kind));
        return false;
    }
    for (const struct conf_node *n = node->children; n; n = n->next)
        if (!is_one_of(n->key, keys, count, &index))
            conf_error_at_key(r->errors, n, "unknown key \"%.*s\"; %s", SLICE_FMT(slice_first(n->key, SHOWN_MAX)),
                              meant(r, n->key, keys, count));
    return true;
}

bool policytest_reader_scalar(struct policytest_reader *r, const struct conf_node *node, const char *needed)
{
    if (node->kind == CONF_SCALAR && !conf_is_null(node))
        return true;
    conf_error_at(r->errors, node, "%s is needed, not %s", needed,
                  node->kind == CONF_SCALAR ? "an empty value" : conf_kind_name(node->kind));
    return false;
}

int policytest_reader_word(struct policytest_reader *r, const struct conf_node *node, const char *what, const char *const *words,
                           size_t count)
{
    int index;
    if (!policytest_reader_scalar(r, node, what))
        return -1;
    if (is_one_of(node->text, words, count, &index))
        return index;
    conf_error_at(r->errors, node, "\"%.*s\" is not %s; %s", SLICE_FMT(slice_first(node->text, SHOWN_MAX)), what,
                  meant(r, node->text, words, count));
    return -1;
}

const char *policytest_reader_path(struct policytest_reader *r, const struct conf_node *node)
{
    struct slice file = slice_of(node->file);
    ptrdiff_t slash = slice_last_index(file, '/');
    if (node->text.ptr[0] == '/' || slash < 0)
        return node->text.ptr;
    return arena_format(r->arena, "%.*s/%s", (int)slash, file.ptr, node->text.ptr);
}

void policytest_reader_each(struct policytest_reader *r, const struct conf_node *node, const char *needed,
                            void (*fn)(void *ctx, const struct conf_node *item), void *ctx)
{
    if (node->kind != CONF_LIST && policytest_reader_scalar(r, node, needed))
        fn(ctx, node);
    for (const struct conf_node *n = node->kind == CONF_LIST ? node->children : NULL; n; n = n->next)
        if (policytest_reader_scalar(r, n, needed))
            fn(ctx, n);
}
