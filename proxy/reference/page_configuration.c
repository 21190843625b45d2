/* page_configuration: mailweir.yaml(5), from the option table. */
#include "base/config/option_text.h"
#include "base/config/option_value.h"
#include "proxy/command/command.h"
#include "proxy/reference/reference.h"
#include "proxy/settings/settings_table.h"

static const char intro[] =
    "One YAML file is the only truth; by default it is `" COMMAND_CONFIG_PATH
    "`. Options that are left out have their defaults. Unknown options, duplicate keys, anchors, aliases and tags are errors; "
    "`mailweir check` tells all of them at once, with file, line and column. A bad configuration ends a command with exit code 78 and "
    "changes nothing in a running service.";
static const char inclusion[] =
    "`include` (a file, or a list of files, relative to the file it stands in) adds what those files hold: mappings of one name are "
    "merged, and whatever else is set twice is an error. Secrets are never written into the configuration: options that need one name a "
    "file.";
static const char example[] = "hostname: mx.example.org\n"
                              "listeners: [\"*:25\", \"[::]:25\"]\n"
                              "backends: {main: \"127.0.0.1:10025\"}\n";

static const struct {
    enum option_type type;
    const char *name;
    const char *more;
} kinds[] = {
    {OPTION_BOOL, "switch", ""},
    {OPTION_NUMBER, "number", ""},
    {OPTION_DURATION, "duration", "; 0 needs no unit"},
    {OPTION_SIZE, "size", ""},
    {OPTION_RATE, "rate", ""},
    {OPTION_TEXT, "text", ""},
    {OPTION_PATH, "path", "; relative to the file it is written in"},
    {OPTION_ENDPOINT, "address:port", ""},
    {OPTION_NETWORK, "network", ""},
    {OPTION_TEXTS, "texts", "; one alone needs no brackets"},
    {OPTION_SECTION, "section", ""},
    {OPTION_SECTIONS, "list of sections", "; a scalar in place of a mapping sets its first option"},
    {OPTION_NAMED, "named sections", "; a scalar in place of a mapping sets its first option"},
    {OPTION_NODE, "own form", ""},
};

static const char *kind_name(enum option_type type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].type == type)
            return kinds[i].name;
    return "word";
}

static void write_kinds(const struct page *p)
{
    struct buf text = {0};
    page_heading(p, "Values");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        buf_clear(&text);
        buf_add_format(&text, "%s%s.", option_type_text(kinds[i].type), kinds[i].more);
        text.ptr[0] = (char)(text.ptr[0] - (text.ptr[0] >= 'a' && text.ptr[0] <= 'z' ? 32 : 0));
        page_item(p, kinds[i].name, NULL, text.ptr);
    }
    page_text(p, "`null` (or `~`) unsets a text, a path or a list.");
    buf_release(&text);
}

/** "size, 64KiB to 2GiB; default 50MiB" */
static void add_detail(struct buf *out, const struct option *row)
{
    if (row->type == OPTION_WORD)
        option_add_type(out, row);
    else
        buf_add_text(out, kind_name(row->type));
    if (option_has_range(row)) {
        buf_add_text(out, ", ");
        option_add_range(out, row);
    }
    if (row->required)
        buf_add_text(out, "; required");
    else if (row->type != OPTION_SECTION && (!row->fallback || !strchr(row->fallback, '\n')))
        buf_add_format(out, "; default %s", row->fallback ? row->fallback : option_is_list(row) ? "empty" : "not set");
}

static void write_row(const struct page *p, const struct option *row, const char *path)
{
    struct buf detail = {0}, text = {0};
    add_detail(&detail, row);
    buf_add_text(&text, row->doc);
    if (row->required && row->fallback && row->type != OPTION_NODE)
        buf_add_format(&text, " Example: `%s`.", row->fallback);
    page_item(p, path, detail.ptr, text.ptr);
    buf_release(&detail);
    buf_release(&text);
}

static void write_table(const struct page *p, const char *prefix, const struct option *table, struct arena *arena);

static void write_below(const struct page *p, const struct option *row, const char *path, struct arena *arena)
{
    bool named = row->type == OPTION_NAMED;
    const char *item = named ? ".NAME" : row->type == OPTION_SECTIONS ? "[]" : "";
    write_table(p, arena_format(arena, "%s%s.", path, item), row->section + named, arena);
}

static void write_table(const struct page *p, const char *prefix, const struct option *table, struct arena *arena)
{
    for (const struct option *row = table; row->key; row++) {
        const char *path = arena_format(arena, "%s%s", prefix, row->key);
        if (option_is_shown(row))
            write_row(p, row, path);
        if (option_is_shown(row) && row->section)
            write_below(p, row, path, arena);
    }
}

/** The filters stand in chapters of their own. */
static void write_filters(const struct page *p, const struct option *filters, struct arena *arena)
{
    page_heading(p, "Filters");
    page_text(p, filters->doc);
    for (const struct option *row = filters->section; row->key; row++) {
        const char *path = arena_format(arena, "filters.%s", row->key);
        page_subheading(p, arena_format(arena, "`%s`", path));
        page_text(p, row->doc);
        write_below(p, row, path, arena);
    }
}

static void write_options(const struct page *p, const struct option *top, struct arena *arena)
{
    page_heading(p, "Options");
    for (const struct option *row = top; row->key; row++) {
        if (!option_is_shown(row) || strcmp(row->key, "filters") == 0)
            continue;
        page_subheading(p, arena_format(arena, "`%s`", row->key));
        write_row(p, row, row->key);
        if (row->section)
            write_below(p, row, row->key, arena);
    }
}

static void write_tools(const struct page *p)
{
    page_heading(p, "Tools");
    page_text(p,
              "`mailweir config help NAME` tells about one option; `mailweir config defaults` prints a complete configuration; "
              "`mailweir config show` prints what is in force; `mailweir config schema` prints a JSON Schema. It is installed as "
              "share/mailweir/mailweir.schema.json; for the YAML language server of editors a first line in the configuration names it:");
    page_code(p, "# yaml-language-server: $schema=/usr/local/share/mailweir/mailweir.schema.json");
}

void page_write_configuration(const struct page *p)
{
    struct arena *arena = arena_new();
    struct settings_table table = settings_table_build(arena);
    page_heading(p, "Description");
    page_text(p, intro);
    page_text(p, inclusion);
    page_text(p, "A complete configuration:");
    page_code(p, example);
    write_kinds(p);
    write_options(p, table.rows, arena);
    write_filters(p, options_find(table.rows, SLICE("filters"), NULL), arena);
    write_tools(p);
    arena_free(&arena);
}
