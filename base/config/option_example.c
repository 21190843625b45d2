/* option_example: how an option is set, in one line. See options_print_example in option.h. */
#include "base/config/conf_print.h"
#include "base/config/option_text.h"
#include "base/config/option_value.h"

enum { CLOSERS_MAX = 64 };

struct example {
    FILE *out;
    char closers[CLOSERS_MAX]; /* brackets to be closed, innermost last */
    size_t depth;
};

static void open_bracket(struct example *e, char open, char close)
{
    fputc(open, e->out);
    if (e->depth < CLOSERS_MAX)
        e->closers[e->depth++] = close;
}

static void print_key(struct example *e, struct slice key)
{
    conf_print_text(e->out, key);
    fputs(": ", e->out);
}

/** Another word than the default, if there is one. */
static const char *other_word(const struct option *row)
{
    for (size_t i = 0; row->words[i]; i++)
        if (!row->fallback || strcmp(row->words[i], row->fallback) != 0)
            return row->words[i];
    return row->words[0];
}

static void print_value(struct example *e, const struct option *row)
{
    if (row->type == OPTION_BOOL)
        fputs(row->fallback && strcmp(row->fallback, "true") == 0 ? "false" : "true", e->out);
    else if (row->type == OPTION_WORD)
        conf_print_text(e->out, slice_of(other_word(row)));
    else if (row->type == OPTION_TEXTS)
        fputs(row->fallback && strcmp(row->fallback, "[]") != 0 ? row->fallback : "[text, text]", e->out);
    else
        conf_print_text(e->out, slice_of(row->fallback ? row->fallback : option_example(row)));
}

static const struct option *find_row(const struct option *table, struct slice key)
{
    for (const struct option *row = table; row && row->key; row++)
        if (option_is_shown(row) && slice_eq(slice_of(row->key), key))
            return row;
    return NULL;
}

/** What leads from a section to an option in it; name: that of the item, if it is one of several with names. */
static void print_step(struct example *e, const struct option *section, struct slice name)
{
    if (section->type == OPTION_SECTIONS)
        open_bracket(e, '[', ']');
    open_bracket(e, '{', '}');
    if (section->type != OPTION_NAMED)
        return;
    print_key(e, name.len ? name : slice_of(section->section->fallback ? section->section->fallback : "name"));
    open_bracket(e, '{', '}');
}

static bool can_be_shown(const struct option *row)
{
    return row && (option_type_is_scalar(row->type) || row->type == OPTION_TEXTS);
}

void options_print_example(const struct option *table, struct slice path, FILE *out)
{
    struct example e = {.out = out};
    const struct option *row = NULL;
    struct slice step, name = SLICE("");
    if (!can_be_shown(options_find(table, path, NULL)))
        return;
    while (slice_split(&path, '.', &step)) {
        ptrdiff_t bracket = slice_index(step, '[');
        struct slice key = bracket < 0 ? step : slice_first(step, (size_t)bracket);
        const struct option *next = find_row(row ? row->section : table, key);
        if (!next) {
            name = key;
            continue;
        }
        if (row)
            print_step(&e, row, name);
        print_key(&e, key);
        row = next;
    }
    print_value(&e, row);
    while (e.depth)
        fputc(e.closers[--e.depth], out);
    fputc('\n', out);
}
