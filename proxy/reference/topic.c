/* topic: see topic.h. Options print themselves (options_print_help); the rest is printed in the same form. */
#include "proxy/reference/topic.h"

#include "base/config/option_text.h"
#include "proxy/command/fact_list.h"
#include "proxy/reference/policy_text.h"
#include "proxy/settings/settings_table.h"

#include <stdlib.h>

enum { WIDTH = 100, NAMES_MAX = 1024 };

struct asking {
    struct arena *arena;
    const struct option *options;
    const struct fact_schema *facts;
    struct slice name;
    FILE *out;
    bool found;
};

static void begin(struct asking *a)
{
    if (a->found)
        fputc('\n', a->out);
    a->found = true;
}

/** "reject: an action", its meaning, how it may stand, an example. */
static void print_word(struct asking *a, const char *name, const char *kind, const char *doc, const struct buf *detail, const char *example)
{
    begin(a);
    fprintf(a->out, "%s: %s\n", name, kind);
    option_print_wrapped(a->out, "  ", slice_of(doc), WIDTH);
    if (detail && detail->len)
        fprintf(a->out, "\n  Use:     %s\n", detail->ptr);
    if (example)
        fprintf(a->out, "  Example: %s: %s\n", name, example);
}

static bool is_asked(const struct asking *a, const char *name)
{
    return name && slice_eq(a->name, slice_of(name));
}

static void tell_option(struct asking *a, const char *path)
{
    const struct option *row = options_find(a->options, slice_of(path), NULL);
    char *example = NULL;
    size_t size = 0;
    if (!row)
        return;
    FILE *memory = open_memstream(&example, &size);
    options_print_example(a->options, slice_of(path), memory);
    fclose(memory);
    begin(a);
    options_print_help(row, path, a->out);
    if (size)
        fprintf(a->out, "  Example: %s", example);
    free(example);
}

static void tell_fact(struct asking *a)
{
    struct buf detail = {0}, doc = {0};
    for (int id = 0; id <= (int)fact_schema_count(a->facts); id++) {
        bool last = id == (int)fact_schema_count(a->facts);
        const struct fact_def *def = last ? &fact_list_header : fact_schema_def(a->facts, id);
        bool is_field = last && slice_starts_nocase(a->name, SLICE("header.")) && !a->found;
        if (!is_field && !is_asked(a, def->name))
            continue;
        policy_text_fact(&detail, def);
        policy_text_fact_doc(&doc, def, last ? NULL : fact_schema_off(a->facts, id));
        print_word(a, arena_string(a->arena, a->name), "a fact", doc.ptr, &detail, NULL);
        fprintf(a->out, "  Values:  %s\n", policy_value_docs[def->type]);
        break;
    }
    buf_release(&detail);
    buf_release(&doc);
}

static void tell_action(struct asking *a)
{
    struct buf detail = {0};
    int i = policy_action_find(a->name);
    if (i < 0)
        return;
    policy_text_action(&detail, &policy_actions[i]);
    print_word(a, policy_actions[i].name, "an action of the policy", policy_actions[i].doc, &detail, NULL);
    buf_release(&detail);
}

static void tell_keys(struct asking *a, const struct policy_key_word *keys, size_t count, const char *kind)
{
    struct buf detail = {0};
    for (size_t i = 0; i < count; i++) {
        if (!is_asked(a, keys[i].name))
            continue;
        policy_text_key(&detail, &keys[i]);
        print_word(a, keys[i].name, kind, keys[i].doc, &detail, keys[i].example);
    }
    buf_release(&detail);
}

static void tell_operators(struct asking *a)
{
    struct buf detail = {0};
    for (size_t i = 0; i < OPERATOR_COUNT; i++) {
        const struct policy_operator_word *op = &policy_operators[i];
        if (!is_asked(a, op->name))
            continue;
        policy_text_operator(&detail, op);
        print_word(a, op->name, "an operator of conditions", op->doc, &detail, op->example);
    }
    for (size_t i = 0; i < COMBINATOR_COUNT; i++)
        if (is_asked(a, policy_combinators[i].name))
            print_word(a, policy_combinators[i].name, "combines conditions", policy_combinators[i].doc, NULL, NULL);
    buf_release(&detail);
}

static void tell_stages(struct asking *a)
{
    for (size_t i = 0; i < STAGE_COUNT; i++)
        if (is_asked(a, policy_stages[i].name))
            print_word(a, policy_stages[i].name, "a stage of the policy", policy_stages[i].doc, NULL, NULL);
}

static void open_tables(struct asking *a, const char *name)
{
    struct conf_errors none;
    a->arena = arena_new();
    conf_errors_init(&none, a->arena);
    a->options = settings_table_build(a->arena).rows;
    a->facts = settings_load_facts(NULL, a->arena, &none);
    a->name = slice_of(name);
}

bool topic_print(const char *name, FILE *out)
{
    struct asking a = {.out = out};
    open_tables(&a, name);
    tell_option(&a, name);
    tell_option(&a, arena_format(a.arena, "filters.%s", name));
    tell_fact(&a);
    tell_action(&a);
    tell_keys(&a, policy_rule_keys, RULE_KEY_COUNT, "a key of a rule");
    tell_keys(&a, policy_keys, POLICY_KEY_COUNT, "a key of a policy");
    tell_operators(&a);
    tell_stages(&a);
    arena_free(&a.arena);
    return a.found;
}

/** The path of the first option, in whatever section, whose last step is this key. */
static const char *find_below(const struct asking *a, const struct option *table, const char *prefix, struct slice key)
{
    for (const struct option *row = table; row->key; row++) {
        const char *path = arena_format(a->arena, "%s%s", prefix, row->key);
        if (row->key[0] && slice_eq(slice_of(row->key), key))
            return path;
        const char *below = row->section ? find_below(a, row->section, arena_format(a->arena, "%s.", path), key) : NULL;
        if (below)
            return below;
    }
    return NULL;
}

struct names {
    const char *list[NAMES_MAX];
    size_t count;
};

static void add_name(struct names *names, const char *name)
{
    if (names->count < NAMES_MAX)
        names->list[names->count++] = name;
}

static void add_words(struct names *names)
{
    for (size_t i = 0; i < ACTION_COUNT; i++)
        add_name(names, policy_actions[i].name);
    for (size_t i = 0; i < RULE_KEY_COUNT; i++)
        add_name(names, policy_rule_keys[i].name);
    for (size_t i = 0; i < POLICY_KEY_COUNT; i++)
        add_name(names, policy_keys[i].name);
    for (size_t i = 0; i < OPERATOR_COUNT; i++)
        add_name(names, policy_operators[i].name);
    for (size_t i = 0; i < STAGE_COUNT; i++)
        add_name(names, policy_stages[i].name);
}

static void add_facts(struct names *names, const struct fact_schema *facts)
{
    for (int id = 0; id < (int)fact_schema_count(facts); id++)
        add_name(names, fact_schema_def(facts, id)->name);
}

/** The last steps of all paths. */
static void add_keys(struct names *names, const struct option *table)
{
    for (const struct option *row = table; row->key; row++) {
        if (option_is_shown(row))
            add_name(names, row->key);
        if (row->section)
            add_keys(names, row->section);
    }
}

/** Facts and words of the policy come before options that are as near. */
static const char *nearest(const struct asking *a)
{
    struct names names = {.count = 0}, keys = {.count = 0};
    add_words(&names);
    add_facts(&names, a->facts);
    const char *near = conf_nearest(a->name, names.list, names.count);
    if (near)
        return near;
    add_keys(&keys, a->options);
    near = conf_nearest(a->name, keys.list, keys.count);
    return near ? find_below(a, a->options, "", slice_of(near)) : NULL;
}

const char *topic_meant(const char *name, struct arena *arena)
{
    struct asking a = {.out = NULL};
    open_tables(&a, name);
    const char *meant = find_below(&a, a.options, "", a.name);
    if (!meant)
        meant = options_meant(a.options, a.name, a.arena);
    if (!meant)
        meant = nearest(&a);
    meant = meant ? arena_string(arena, slice_of(meant)) : NULL;
    arena_free(&a.arena);
    return meant;
}
