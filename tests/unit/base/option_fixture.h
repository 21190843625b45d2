/* option_fixture: a table with a row of every type, for the tests of options. */
#ifndef TESTS_UNIT_BASE_OPTION_FIXTURE_H
#define TESTS_UNIT_BASE_OPTION_FIXTURE_H

#include "base/config/option.h"
#include "tests/unit/base/conf_fixture.h"

struct inner {
    int64_t idle_ms;
    const char *path;
    const struct conf_node *node;
};

struct item {
    const char *name;
    struct net_addr address;
    int word;
    const struct conf_node *node;
};

struct outer {
    bool flag;
    int64_t number, size;
    const char *text;
    struct option_list texts, items, named;
    struct inner inner;
    const struct conf_node *free_form;
    struct option_rate rate;
};

static const char *const fixture_words[] = {"one", "two", NULL};

#define OPTION_AT(type_name, field) .offset = offsetof(struct type_name, field)

static const struct option inner_rows[] = {
    {.key = "idle", .type = OPTION_DURATION, OPTION_AT(inner, idle_ms), .fallback = "5m", .min = 1000, .max = 3600000, .doc = "Idle."},
    {.key = "path", .type = OPTION_PATH, OPTION_AT(inner, path), .fallback = "/var/tmp", .doc = "Path."},
    {.key = "", .type = OPTION_NODE, OPTION_AT(inner, node)},
    {.key = NULL},
};

/** With "name" first as a named section wants it; sections use it from the second row on. */
static const struct option item_rows[] = {
    {.key = "name", .type = OPTION_TEXT, OPTION_AT(item, name), .fallback = "main", .required = true, .doc = "Name."},
    {.key = "address", .type = OPTION_ENDPOINT, OPTION_AT(item, address), .fallback = "*:25", .required = true, .doc = "Address."},
    {.key = "word", .type = OPTION_WORD, OPTION_AT(item, word), .fallback = "two", .words = fixture_words, .doc = "Word."},
    {.key = "", .type = OPTION_NODE, OPTION_AT(item, node)},
    {.key = NULL},
};

static const struct option outer_rows[] = {
    {.key = "flag", .type = OPTION_BOOL, OPTION_AT(outer, flag), .fallback = "true", .doc = "Flag."},
    {.key = "number", .type = OPTION_NUMBER, OPTION_AT(outer, number), .fallback = "3", .max = 9, .doc = "Number."},
    {.key = "size", .type = OPTION_SIZE, OPTION_AT(outer, size), .doc = "Size without default."},
    {.key = "text", .type = OPTION_TEXT, OPTION_AT(outer, text), .fallback = "a \"b\"", .doc = "Text."},
    {.key = "texts", .type = OPTION_TEXTS, OPTION_AT(outer, texts), .fallback = "[x, y]", .doc = "Texts."},
    {.key = "items",
     .type = OPTION_SECTIONS,
     OPTION_AT(outer, items),
     .section = item_rows + 1,
     .section_size = sizeof(struct item),
     .required = true,
     .doc = "Items."},
    {.key = "named",
     .type = OPTION_NAMED,
     OPTION_AT(outer, named),
     .section = item_rows,
     .section_size = sizeof(struct item),
     .doc = "Named."},
    {.key = "inner",
     .type = OPTION_SECTION,
     OPTION_AT(outer, inner),
     .section = inner_rows,
     .section_size = sizeof(struct inner),
     .doc = "Inner."},
    {.key = "free_form", .type = OPTION_NODE, OPTION_AT(outer, free_form), .fallback = "a:\n  - b # kept\n", .doc = "Free."},
    {.key = "rate", .type = OPTION_RATE, OPTION_AT(outer, rate), .fallback = "10/1m", .doc = "Rate."},
    {.key = NULL},
};

/** Loads text into *o by outer_rows. */
static inline void fixture_load(struct conf_fixture *f, const char *text, struct outer *o)
{
    options_load(outer_rows, sizeof *o, fixture_read(f, text), o, f->arena, &f->errors);
}

#endif
