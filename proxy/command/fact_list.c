/* fact_list: see fact_list.h. Besides offline/report_json*.c the only file that knows jansson.
 *
 * header.NAME, which stands for as many facts as there are field names, is in no schema and is shown at the end. */
#include "proxy/command/fact_list.h"

#include "base/buf.h"
#include "base/config/option_text.h"

#include <jansson.h>

enum { DOC_WIDTH = 80, GAP = 2, TYPE_WIDTH = 9, STAGE_WIDTH = 9 };

const struct fact_def fact_list_header = {
    .name = "header.NAME",
    .type = FACT_TEXT,
    .since = STAGE_DATA,
    .doc = "the first header field of that name, unfolded; any name",
};

typedef void (*show_fn)(const struct fact_def *def, const char *off, void *ctx);

static void each(const struct fact_schema *schema, show_fn show, void *ctx)
{
    for (int id = 0; id < (int)fact_schema_count(schema); id++)
        show(fact_schema_def(schema, id), fact_schema_off(schema, id), ctx);
    show(&fact_list_header, NULL, ctx);
}

struct columns {
    FILE *out;
    int name_width;
    const char *indent; /* blanks up to the last column */
};

static void measure(const struct fact_def *def, const char *off, void *ctx)
{
    struct columns *c = ctx;
    int width = (int)strlen(def->name) + GAP;
    c->name_width = width > c->name_width ? width : c->name_width;
}

static void add_words(struct buf *text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        buf_add_format(text, "%s%s", i ? ", " : "", words[i]);
}

/** Prints text in the last column; the row may have been begun already. */
static void print_last(const struct columns *c, bool begun, struct slice text)
{
    char *lines;
    size_t size;
    FILE *memory = open_memstream(&lines, &size);
    option_print_wrapped(memory, c->indent, text, DOC_WIDTH);
    fclose(memory);
    fputs(lines + (begun ? strlen(c->indent) : 0), c->out);
    free(lines);
}

static void print_row(const struct fact_def *def, const char *off, void *ctx)
{
    const struct columns *c = ctx;
    struct buf text = {0};
    fprintf(c->out, "%-*s%-*s%-*s", c->name_width, def->name, TYPE_WIDTH, fact_type_name(def->type), STAGE_WIDTH, stage_name(def->since));
    print_last(c, true, slice_of(def->doc));
    if (def->words) {
        add_words(&text, def->words);
        print_last(c, false, buf_slice(&text));
    }
    if (off)
        fprintf(c->out, "%s(always absent: filter %s is off)\n", c->indent, off);
    buf_release(&text);
}

void fact_list_print(const struct fact_schema *schema, FILE *out)
{
    char indent[128];
    struct columns c = {.out = out, .indent = indent};
    each(schema, measure, &c);
    snprintf(indent, sizeof indent, "%*s", c.name_width + TYPE_WIDTH + STAGE_WIDTH, "");
    fprintf(out, "%-*s%-*s%-*s%s\n", c.name_width, "FACT", TYPE_WIDTH, "TYPE", STAGE_WIDTH, "FROM", "MEANING, AND THE WORDS IT CAN BE");
    each(schema, print_row, &c);
}

static json_t *words_of(const char *const *words)
{
    if (!words)
        return json_null();
    json_t *list = json_array();
    for (size_t i = 0; words[i]; i++)
        json_array_append_new(list, json_string(words[i]));
    return list;
}

static void add_json(const struct fact_def *def, const char *off, void *list)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s, s:s, s:s?}", "name", def->name, "type", fact_type_name(def->type), "words",
                                          words_of(def->words), "stage", stage_name(def->since), "doc", def->doc, "off", off));
}

void fact_list_print_json(const struct fact_schema *schema, FILE *out)
{
    json_t *list = json_array(), *root = json_pack("{s:o}", "facts", list);
    each(schema, add_json, list);
    json_dumpf(root, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(root);
}
