/* fuzz_config: any text is either a tree whose parts stand where they say, or refused with a place; whatever is said about it can be
 * shown on a terminal; a good tree, and the settings made of it, are printed so that they are read again as the same. Options are loaded by
 * the real table: no file is opened by that. */
#include "base/config/conf_print.h"
#include "base/config/conf_text.h"
#include "proxy/settings/settings_table.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void check_node(const struct conf_node *node, unsigned depth)
{
    size_t count = 0;
    FUZZ_CHECK(depth <= 33 && node->line > 0 && node->column > 0);
    FUZZ_CHECK(node->kind != CONF_SCALAR || (!node->children && strlen(node->text.ptr) == node->text.len));
    for (const struct conf_node *child = node->children; child; child = child->next) {
        FUZZ_CHECK(child->parent == node && (node->kind == CONF_LIST ? child->index == count : strlen(child->key.ptr) == child->key.len));
        check_node(child, depth + 1);
        count++;
    }
    FUZZ_CHECK(count == node->count);
}

static void check_keys_are_unique(const struct conf_node *root)
{
    for (const struct conf_node *child = root->kind == CONF_MAP ? root->children : NULL; child; child = child->next)
        FUZZ_CHECK(conf_get(root, child->key.ptr) == child);
}

static void check_errors_are_clean(const struct conf_errors *errors)
{
    for (const struct conf_error *e = errors->first; e; e = e->next) {
        FUZZ_CHECK(e->text[0] && !conf_text_has_control(slice_of(e->text)));
        FUZZ_CHECK(strlen(e->text) < 16384);
    }
}

/** The tree, printed and read again. */
static const struct conf_node *print_and_read(const struct conf_node *tree, struct arena *arena)
{
    char *text;
    size_t size;
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    FILE *out = open_memstream(&text, &size);
    conf_print_yaml(tree, 0, out);
    fclose(out);
    const struct conf_node *again = conf_read_text(slice_make(text, size), "printed", arena, &errors);
    FUZZ_CHECK(again && errors.errors == 0);
    free(text);
    return again;
}

static const struct conf_node *load_and_dump(const struct conf_node *root, struct arena *arena, struct conf_errors *errors)
{
    struct settings_table table = settings_table_build(arena);
    void *block = arena_alloc(arena, table.size);
    options_load(table.rows, table.size, root, block, arena, errors);
    return options_dump(table.rows, block, NULL, arena);
}

static void check_printing(const struct conf_node *root, const struct conf_node *dumped, struct arena *arena)
{
    struct conf_errors again;
    conf_errors_init(&again, arena);
    FUZZ_CHECK(conf_equal(root, print_and_read(root, arena)));
    FUZZ_CHECK(conf_equal(dumped, load_and_dump(print_and_read(dumped, arena), arena, &again)) && again.errors == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const struct conf_node *root = conf_read_text(fuzz_slice(data, size), "fuzz", arena, &errors);
    FUZZ_CHECK(root || errors.errors);
    if (root) {
        check_node(root, 1);
        check_keys_are_unique(root);
        const struct conf_node *dumped = load_and_dump(root, arena, &errors);
        if (errors.errors == 0)
            check_printing(root, dumped, arena);
    }
    check_errors_are_clean(&errors);
    arena_free(&arena);
    return 0;
}
