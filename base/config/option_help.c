/* option_help: finds a row by its path and explains it; lists all. See option.h. */
#include "base/config/option_text.h"

enum { WIDTH = 100, KEY_WIDTH = 21, STEP_MAX = 64 };

static const struct option *find_row(const struct option *table, struct slice key)
{
    for (const struct option *row = table; row->key; row++)
        if (option_is_shown(row) && slice_eq(slice_of(row->key), key))
            return row;
    return NULL;
}

const struct option *options_find(const struct option *table, struct slice path, const struct option **parent)
{
    const struct option *row = NULL, *ignored = NULL;
    struct slice step;
    parent = parent ? parent : &ignored;
    *parent = table;
    while (slice_split(&path, '.', &step)) {
        ptrdiff_t bracket = slice_index(step, '[');
        if (bracket >= 0)
            step = slice_first(step, (size_t)bracket);
        *parent = row ? row->section : table;
        const struct option *found = *parent ? find_row(*parent, step) : NULL;
        bool is_name = !found && row && row->type == OPTION_NAMED && path.ptr;
        if (!found && !is_name)
            return NULL;
        row = found ? found : row;
    }
    return row;
}

const char *options_meant(const struct option *table, struct slice path, struct arena *arena)
{
    const struct option *row = NULL;
    const char *meant = "";
    struct slice step;
    while (slice_split(&path, '.', &step)) {
        const struct option *in = row ? row->section : table, *next = in ? find_row(in, step) : NULL;
        bool is_name = !next && row && row->type == OPTION_NAMED && path.ptr;
        const char *nearest = next || is_name || !in ? NULL : options_nearest(in, step);
        if (nearest)
            next = find_row(in, slice_of(nearest));
        if (!next && !is_name)
            return NULL;
        struct slice key = next ? slice_of(next->key) : slice_first(step, STEP_MAX);
        meant = arena_format(arena, "%s%s%.*s", meant, meant[0] ? "." : "", SLICE_FMT(key));
        row = next ? next : row;
    }
    return meant;
}

static void add_default(struct buf *out, const struct option *row)
{
    if (row->required)
        buf_add_text(out, "none: it must be set");
    else if (row->type == OPTION_SECTION)
        buf_add_text(out, "those of its options");
    else if (!row->fallback)
        buf_add_text(out, option_is_list(row) ? "empty" : "not set");
    else
        buf_add_text(out, strchr(row->fallback, '\n') ? "see `mailweir config defaults`" : row->fallback);
}

static void print_line(FILE *out, const char *label, void (*add)(struct buf *, const struct option *), const struct option *row)
{
    struct buf text = {0};
    add(&text, row);
    fprintf(out, "  %-9s%s\n", label, text.ptr ? text.ptr : "");
    buf_release(&text);
}

static struct slice first_sentence(const char *doc)
{
    const char *end = strstr(doc, ". ");
    return end ? slice_make(doc, (size_t)(end - doc) + 1) : slice_of(doc);
}

void options_print_help(const struct option *row, const char *path, FILE *out)
{
    fprintf(out, "%s\n", path);
    option_print_wrapped(out, "  ", slice_of(row->doc), WIDTH);
    fputc('\n', out);
    print_line(out, "Value:", option_add_type, row);
    if (option_has_range(row))
        print_line(out, "Range:", option_add_range, row);
    print_line(out, "Default:", add_default, row);
    if (!row->section)
        return;
    fputs("\n  Options:\n", out);
    for (const struct option *r = row->section; r->key; r++) {
        if (option_is_shown(r) && !(row->type == OPTION_NAMED && r == row->section))
            option_print_beside(out, 4, r->key, KEY_WIDTH, first_sentence(r->doc), WIDTH - KEY_WIDTH);
    }
}

static void print_index(const char *prefix, const struct option *table, FILE *out)
{
    for (const struct option *row = table; row->key; row++) {
        char path[256];
        if (!option_is_shown(row))
            continue;
        snprintf(path, sizeof path, "%s%s%s", prefix, prefix[0] ? "." : "", row->key);
        if (!row->section) {
            struct buf text = {0};
            add_default(&text, row);
            fprintf(out, "%-42s %s\n", path, text.ptr);
            buf_release(&text);
            continue;
        }
        const char *item = row->type == OPTION_NAMED ? ".NAME" : row->type == OPTION_SECTIONS ? "[]" : "";
        strncat(path, item, sizeof path - strlen(path) - 1);
        print_index(path, row->type == OPTION_NAMED ? row->section + 1 : row->section, out);
    }
}

void options_print_index(const struct option *table, FILE *out)
{
    print_index("", table, out);
}
