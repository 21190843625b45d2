/* option_text: see option_text.h. */
#include "base/config/option_text.h"

#include "base/config/option_value.h"

bool option_is_shown(const struct option *row)
{
    return row->key[0] != '\0';
}

bool option_is_list(const struct option *row)
{
    return row->type == OPTION_TEXTS || row->type == OPTION_SECTIONS || row->type == OPTION_NAMED;
}

bool option_has_range(const struct option *row)
{
    return row->min != 0 || row->max != 0;
}

/** "a, b or c" */
static void add_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        buf_add_format(out, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

void option_add_type(struct buf *out, const struct option *row)
{
    if (row->type == OPTION_WORD)
        add_words(out, row->words);
    else
        buf_add_text(out, option_type_text(row->type));
}

void option_add_range(struct buf *out, const struct option *row)
{
    struct arena *arena = arena_new();
    buf_add_format(out, "%s to %s", option_value_format(row->type, row->min, arena), option_value_format(row->type, row->max, arena));
    arena_free(&arena);
}

const char *option_example(const struct option *row)
{
    switch (row->type) {
    case OPTION_BOOL:
        return "true";
    case OPTION_NUMBER:
        return "100";
    case OPTION_DURATION:
        return "5m";
    case OPTION_SIZE:
        return "50MiB";
    case OPTION_RATE:
        return "120/1h";
    case OPTION_WORD:
        return row->words[0];
    case OPTION_ENDPOINT:
        return "192.0.2.1:25";
    case OPTION_NETWORK:
        return "192.0.2.0/24";
    default:
        return "text";
    }
}

/** Prints text, of whose first line the mark stands there already. */
static void print_rest(FILE *out, const char *mark, struct slice text, size_t width)
{
    struct slice word;
    size_t column = 0;
    while (slice_split(&text, ' ', &word)) {
        if (column && column + 1 + word.len > width) {
            fprintf(out, "\n%s", mark);
            column = 0;
        }
        fprintf(out, "%s%.*s", column ? " " : "", SLICE_FMT(word));
        column += (column != 0) + word.len;
    }
    fputc('\n', out);
}

void option_print_wrapped(FILE *out, const char *mark, struct slice text, size_t width)
{
    fputs(mark, out);
    print_rest(out, mark, text, width);
}

void option_print_beside(FILE *out, unsigned indent, const char *label, unsigned column, struct slice text, size_t width)
{
    char mark[128];
    snprintf(mark, sizeof mark, "%*s", (int)(indent + column), "");
    fprintf(out, "%*s%-*s", (int)indent, "", (int)column, label);
    if (strlen(label) >= column)
        fputc(' ', out);
    print_rest(out, mark, text, width);
}
