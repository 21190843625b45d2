/* conf_error: see conf_error.h. */
#include "base/config/conf_error.h"

#include "base/config/conf_node.h"
#include "base/config/conf_text.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdlib.h>

enum { TEXT_MAX = 1000, FILE_MAX = 500 };

struct position {
    const char *file;
    unsigned line, column;
    const struct conf_node *node; /* its path stands before the text; or NULL */
};

void conf_errors_init(struct conf_errors *e, struct arena *arena)
{
    *e = (struct conf_errors){.arena = arena};
    e->last = &e->first;
}

static const char *shown(struct arena *arena, struct slice text, size_t max)
{
    struct buf b = {0};
    conf_text_show(&b, text, max);
    const char *copy = arena_string(arena, buf_slice(&b));
    buf_release(&b);
    return copy;
}

__attribute__((format(printf, 3, 0))) static const char *format_text(struct arena *arena, const struct conf_node *node, const char *format,
                                                                     va_list args)
{
    char text[TEXT_MAX + 2];
    int n = vsnprintf(text, sizeof text, format, args);
    struct slice whole = slice_make(text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
    const char *path = node ? conf_path(node, arena) : "";
    return arena_format(arena, "%s%s%s", path, path[0] ? ": " : "", shown(arena, whole, TEXT_MAX));
}

__attribute__((format(printf, 4, 0))) static void add(struct conf_errors *e, enum conf_severity severity, struct position at,
                                                      const char *format, va_list args)
{
    size_t *count = severity == CONF_ERROR ? &e->errors : &e->warnings;
    ++*count;
    if (e->errors + e->warnings > CONF_ERRORS_KEPT)
        return;
    struct conf_error *error = arena_alloc(e->arena, sizeof *error);
    error->severity = severity;
    error->file = at.file ? shown(e->arena, slice_of(at.file), FILE_MAX) : NULL;
    error->line = at.line;
    error->column = at.column;
    error->text = format_text(e->arena, at.node, format, args);
    *e->last = error;
    e->last = &error->next;
}

static struct position position_of(const struct conf_node *node)
{
    return node ? (struct position){node->file, node->line, node->column, node} : (struct position){0};
}

void conf_error_at(struct conf_errors *e, const struct conf_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(e, CONF_ERROR, position_of(node), format, args);
    va_end(args);
}

void conf_warning_at(struct conf_errors *e, const struct conf_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(e, CONF_WARNING, position_of(node), format, args);
    va_end(args);
}

static struct position position_of_key(const struct conf_node *node)
{
    struct position at = position_of(node);
    if (node && node->key_line) {
        at.line = node->key_line;
        at.column = node->key_column;
    }
    return at;
}

void conf_error_at_key(struct conf_errors *e, const struct conf_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(e, CONF_ERROR, position_of_key(node), format, args);
    va_end(args);
}

void conf_warning_at_key(struct conf_errors *e, const struct conf_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(e, CONF_WARNING, position_of_key(node), format, args);
    va_end(args);
}

void conf_error_in(struct conf_errors *e, const char *file, unsigned line, unsigned column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(e, CONF_ERROR, (struct position){file, line, column, NULL}, format, args);
    va_end(args);
}

struct numbered {
    const struct conf_error *error;
    size_t number; /* in the order of noting: keeps the sort stable */
};

static int compare_unsigned(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_errors(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    int order = slice_compare(slice_of(x->error->file), slice_of(y->error->file));
    if (order == 0)
        order = compare_unsigned(x->error->line, y->error->line);
    if (order == 0)
        order = compare_unsigned(x->error->column, y->error->column);
    return order ? order : compare_unsigned(x->number, y->number);
}

static void print_error(const struct conf_error *e, FILE *out)
{
    if (e->file)
        fprintf(out, "%s:", e->file);
    if (e->file && e->line)
        fprintf(out, "%u:%u:", e->line, e->column);
    fprintf(out, "%s%s: %s\n", e->file ? " " : "", e->severity == CONF_ERROR ? "error" : "warning", e->text);
}

void conf_errors_print(const struct conf_errors *e, FILE *out)
{
    size_t total = e->errors + e->warnings, kept = 0;
    struct numbered *all = mem_alloc(CONF_ERRORS_KEPT * sizeof *all);
    for (const struct conf_error *error = e->first; error; error = error->next) {
        all[kept].error = error;
        all[kept].number = kept;
        kept++;
    }
    qsort(all, kept, sizeof *all, compare_errors);
    for (size_t i = 0; i < kept; i++)
        print_error(all[i].error, out);
    if (total > kept)
        fprintf(out, "... and %zu more\n", total - kept);
    mem_free(all);
}
