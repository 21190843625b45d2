/* option_print: a table as commented YAML with every default. See options_print_defaults in option.h. */
#include "base/config/conf_print.h"
#include "base/config/option_text.h"
#include "base/config/option_value.h"

enum { WIDTH = 110 };

struct printing {
    FILE *out;
    const char *lead; /* "" or "#": before every line */
    unsigned indent;
};

static struct printing deeper(const struct printing *p)
{
    return (struct printing){p->out, p->lead, p->indent + 2};
}

static void begin_line(const struct printing *p)
{
    fprintf(p->out, "%s%*s", p->lead, (int)p->indent, "");
}

static void print_value(FILE *out, const struct option *row, const char *text)
{
    if (row->type == OPTION_BOOL)
        fputs(text, out);
    else
        conf_print_text(out, slice_of(text));
}

/** The value in a word or two: the reader has its default before him. */
static void add_short_type(struct buf *out, const struct option *row)
{
    static const char *const names[] = {
        [OPTION_NUMBER] = "number", [OPTION_DURATION] = "duration",     [OPTION_SIZE] = "size",       [OPTION_RATE] = "rate",
        [OPTION_TEXT] = "text",     [OPTION_ENDPOINT] = "address:port", [OPTION_NETWORK] = "network", [OPTION_TEXTS] = "list",
        [OPTION_SECTIONS] = "list", [OPTION_NAMED] = "by name",         [OPTION_PATH] = "path",
    };
    if (row->type == OPTION_BOOL || row->type == OPTION_WORD)
        option_add_type(out, row);
    else
        buf_add_text(out, names[row->type]);
}

static void print_comment(const struct printing *p, const struct option *row)
{
    struct buf text = {0};
    char mark[128];
    snprintf(mark, sizeof mark, "%s%*s# ", p->lead, (int)p->indent, "");
    buf_add_text(&text, row->doc);
    if (row->type != OPTION_SECTION && row->type != OPTION_NODE) {
        buf_add_text(&text, " [");
        add_short_type(&text, row);
        if (option_has_range(row)) {
            buf_add_text(&text, ", ");
            option_add_range(&text, row);
        }
        buf_add_text(&text, row->required ? "; required, this is an example]" : "]");
    }
    option_print_wrapped(p->out, mark, buf_slice(&text), WIDTH - p->indent);
    buf_release(&text);
}

static void print_table(const struct printing *p, const struct option *table);

static void print_scalar(const struct printing *p, const struct option *row)
{
    bool unset = !row->fallback && !row->required, nullable = row->type == OPTION_TEXT || row->type == OPTION_PATH;
    begin_line(p);
    fprintf(p->out, "%s%s: ", unset && !nullable && !p->lead[0] ? "#" : "", row->key);
    if (unset && nullable)
        fputs("null", p->out);
    else
        print_value(p->out, row, row->fallback ? row->fallback : option_example(row));
    fputc('\n', p->out);
}

/** A fallback that is YAML: behind the key if it is one line, else below it, line by line. */
static void print_verbatim(const struct printing *p, const struct option *row)
{
    struct slice rest = slice_of(row->fallback), line;
    struct printing below = deeper(p);
    begin_line(p);
    if (slice_index(rest, '\n') < 0) {
        fprintf(p->out, "%s: %s\n", row->key, row->fallback);
        return;
    }
    fprintf(p->out, "%s:\n", row->key);
    while (slice_split(&rest, '\n', &line)) {
        if (line.len == 0 && (!rest.ptr || rest.len == 0))
            continue;
        if (line.len)
            begin_line(&below);
        fprintf(p->out, "%.*s\n", SLICE_FMT(line));
    }
}

/** One item of a repeated section, with every option. */
static void print_item(const struct printing *p, const struct option *row)
{
    const struct option *table = row->section;
    struct printing item = deeper(p), inside = deeper(&item);
    begin_line(p);
    fprintf(p->out, "%s:\n", row->key);
    begin_line(&item);
    if (row->type == OPTION_NAMED) {
        fprintf(p->out, "%s:\n", table->fallback ? table->fallback : "name");
        table++;
    } else {
        fputs("-\n", p->out);
    }
    print_table(&inside, table);
}

static void print_list(const struct printing *p, const struct option *row)
{
    if (row->fallback) {
        print_verbatim(p, row);
    } else if (row->required && row->section) {
        print_item(p, row);
    } else {
        begin_line(p);
        fprintf(p->out, "%s: %s\n", row->key, row->type == OPTION_NAMED ? "{}" : "[]");
    }
    if (row->section && !row->required) {
        struct printing sample = {p->out, "#", p->indent};
        print_item(&sample, row);
    }
}

static void print_row(const struct printing *p, const struct option *row)
{
    print_comment(p, row);
    if (option_type_is_scalar(row->type)) {
        print_scalar(p, row);
    } else if (row->type == OPTION_SECTION) {
        struct printing inside = deeper(p);
        begin_line(p);
        fprintf(p->out, "%s:\n", row->key);
        print_table(&inside, row->section);
    } else if (option_is_list(row)) {
        print_list(p, row);
    } else if (row->fallback) {
        print_verbatim(p, row);
    } else {
        begin_line(p);
        fprintf(p->out, "%s: null\n", row->key);
    }
}

static void print_table(const struct printing *p, const struct option *table)
{
    for (const struct option *row = table; row->key; row++) {
        if (!option_is_shown(row))
            continue;
        if (p->indent == 0 && row != table)
            fputc('\n', p->out);
        print_row(p, row);
    }
}

void options_print_defaults(const struct option *table, unsigned indent, FILE *out)
{
    struct printing p = {out, "", indent};
    print_table(&p, table);
}
