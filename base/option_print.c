/* option_print: tables shown to people: the commented defaults, the help for one option, the index of all. See option.h. */
#include "base/option_value.h"

#include "base/buf.h"

enum { WIDTH = 110 };

struct printing {
    FILE *out;
    const char *lead; /* "" or "#": before every line */
    unsigned indent;
};

static bool is_option(const struct option *row)
{
    return row->key[0] != '\0';
}

static bool is_list(enum option_type type)
{
    return type == OPTION_TEXTS || type == OPTION_SECTIONS || type == OPTION_NAMED;
}

static struct printing deeper(const struct printing *p)
{
    return (struct printing){p->out, p->lead, p->indent + 2};
}

static void begin_line(const struct printing *p)
{
    fprintf(p->out, "%s%*s", p->lead, (int)p->indent, "");
}

/** Prints words, each line beginning with mark, none longer than WIDTH if words allow it. */
static void print_wrapped(const struct printing *p, const char *mark, struct slice text)
{
    struct slice word;
    size_t column = 0;
    while (slice_split(&text, ' ', &word)) {
        if (column && column + 1 + word.len > WIDTH - p->indent) {
            fputc('\n', p->out);
            column = 0;
        }
        if (column == 0) {
            begin_line(p);
            fputs(mark, p->out);
        }
        fprintf(p->out, "%s%.*s", column ? " " : "", SLICE_FMT(word));
        column += word.len + 1;
    }
    fputc('\n', p->out);
}

/** "one of a, b or c" */
static void add_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        buf_add_format(out, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

static void add_type(struct buf *out, const struct option *row)
{
    if (row->type == OPTION_WORD)
        add_words(out, row->words);
    else
        buf_add_text(out, option_type_text(row->type));
}

static bool has_range(const struct option *row)
{
    return row->min != 0 || row->max != 0;
}

static void add_range(struct buf *out, const struct option *row)
{
    struct arena *arena = arena_new();
    buf_add_format(out, "%s to %s", option_value_format(row->type, row->min, arena), option_value_format(row->type, row->max, arena));
    arena_free(&arena);
}

/** Whether text can stand in YAML without quotes and mean the same text. */
static bool is_plain(struct slice text)
{
    static const char words[] = "null ~ true false";
    struct slice rest = SLICE(words), word;
    while (slice_split(&rest, ' ', &word))
        if (slice_eq(word, text))
            return false;
    if (text.len == 0 || !(ascii_is_alnum(text.ptr[0]) || text.ptr[0] == '/' || text.ptr[0] == '.') || text.ptr[text.len - 1] == ':')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!ascii_is_alnum(text.ptr[i]) && !strchr("/._-:@+", text.ptr[i]))
            return false;
    return true;
}

static void print_text(FILE *out, const char *text)
{
    if (is_plain(slice_of(text))) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
    fputc('"', out);
}

/** A value of the row's type for an option that has no default. */
static const char *example_of(const struct option *row)
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

static void print_comment(const struct printing *p, const struct option *row)
{
    struct buf text = {0};
    if (row->type == OPTION_SECTION) {
        print_wrapped(p, "# ", slice_of(row->doc));
        return;
    }
    buf_add_format(&text, "%s [", row->doc);
    add_type(&text, row);
    if (has_range(row)) {
        buf_add_text(&text, "; ");
        add_range(&text, row);
    }
    buf_add_text(&text, row->required ? "; required, this is an example]" : "]");
    print_wrapped(p, "# ", buf_slice(&text));
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
        print_text(p->out, row->fallback ? row->fallback : example_of(row));
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
    } else if (is_list(row->type)) {
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
        if (!is_option(row))
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

static const struct option *find_row(const struct option *table, struct slice key)
{
    for (const struct option *row = table; row->key; row++)
        if (is_option(row) && slice_eq(slice_of(row->key), key))
            return row;
    return NULL;
}

const struct option *options_find(const struct option *table, struct slice path, const struct option **parent)
{
    const struct option *row = NULL, *ignored;
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

static void add_default(struct buf *out, const struct option *row)
{
    if (row->required)
        buf_add_text(out, "none: it must be set");
    else if (row->type == OPTION_SECTION)
        buf_add_text(out, "those of its options");
    else if (!row->fallback)
        buf_add_text(out, is_list(row->type) ? "empty" : "not set");
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

void options_print_help(const struct option *row, const char *path, FILE *out)
{
    struct printing p = {out, "", 2};
    fprintf(out, "%s\n", path);
    print_wrapped(&p, "", slice_of(row->doc));
    fputc('\n', out);
    print_line(out, "Value:", add_type, row);
    if (has_range(row))
        print_line(out, "Range:", add_range, row);
    print_line(out, "Default:", add_default, row);
    if (!row->section)
        return;
    fputs("\n  Options:\n", out);
    for (const struct option *r = row->section; r->key; r++) {
        if (is_option(r) && !(row->type == OPTION_NAMED && r == row->section))
            fprintf(out, "    %-20s %s\n", r->key, r->doc);
    }
}

static void print_index(const char *prefix, const struct option *table, FILE *out)
{
    for (const struct option *row = table; row->key; row++) {
        char path[256];
        if (!is_option(row))
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
