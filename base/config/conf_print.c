/* conf_print: see conf_print.h. Mappings and lists of mappings are written as blocks, lists of scalars in one line if they fit. */
#include "base/config/conf_print.h"

enum { STEP = 2, LINE_MAX_BYTES = 100 };

static bool is_reserved(struct slice text)
{
    static const char words[] = "null ~ true false";
    struct slice rest = SLICE(words), word;
    while (slice_split(&rest, ' ', &word))
        if (slice_eq(word, text))
            return true;
    return false;
}

static bool is_plain_byte(struct slice text, size_t i)
{
    bool blank_inside = text.ptr[i] == ' ' && i + 1 < text.len && text.ptr[i - 1] != ':';
    return ascii_is_alnum(text.ptr[i]) || (text.ptr[i] != '\0' && strchr("/._-:@+", text.ptr[i])) || blank_inside;
}

/** Whether text can stand in YAML without quotes, be it a number or a word. */
static bool can_be_plain(struct slice text)
{
    if (text.len == 0 || !(ascii_is_alnum(text.ptr[0]) || text.ptr[0] == '/' || text.ptr[0] == '.') || text.ptr[text.len - 1] == ':')
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (!is_plain_byte(text, i))
            return false;
    return true;
}

/** What cannot stand in double quotes as it is: among them line separators and the byte order mark. */
static const struct {
    const char *bytes, *escape;
} escapes[] = {{"\n", "\\n"},           {"\"", "\\\""},          {"\\", "\\\\"},
               {"\xe2\x80\xa8", "\\L"}, {"\xe2\x80\xa9", "\\P"}, {"\xef\xbb\xbf", "\\uFEFF"}};

/** Writes the first character or byte of text; returns how many bytes that were. */
static size_t print_escaped(FILE *out, struct slice text)
{
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
        if (slice_starts(text, slice_of(escapes[i].bytes))) {
            fputs(escapes[i].escape, out);
            return strlen(escapes[i].bytes);
        }
    fputc(text.ptr[0], out);
    return 1;
}

static void print_quoted(FILE *out, struct slice text)
{
    fputc('"', out);
    while (text.len)
        text = slice_skip(text, print_escaped(out, text));
    fputc('"', out);
}

void conf_print_text(FILE *out, struct slice text)
{
    if (can_be_plain(text) && !is_reserved(text))
        fprintf(out, "%.*s", SLICE_FMT(text));
    else
        print_quoted(out, text);
}

static void print_scalar(FILE *out, const struct conf_node *node)
{
    if (!node->quoted && conf_is_null(node))
        fputs("null", out);
    else if (!node->quoted && can_be_plain(node->text))
        fprintf(out, "%.*s", SLICE_FMT(node->text));
    else
        print_quoted(out, node->text);
}

static bool fits_in_a_line(const struct conf_node *list)
{
    size_t bytes = 0;
    for (const struct conf_node *n = list->children; n; n = n->next) {
        bytes += n->text.len + 4;
        if (n->kind != CONF_SCALAR || bytes > LINE_MAX_BYTES)
            return false;
    }
    return true;
}

static void print_line(FILE *out, const struct conf_node *list)
{
    fputc('[', out);
    for (const struct conf_node *n = list->children; n; n = n->next) {
        print_scalar(out, n);
        fputs(n->next ? ", " : "", out);
    }
    fputs("]", out);
}

static void print_children(FILE *out, const struct conf_node *node, unsigned indent, bool begun);

/** What stands behind "key:" or "-". */
static void print_value(FILE *out, const struct conf_node *node, unsigned indent, bool in_list)
{
    bool one_line = node->kind == CONF_LIST && fits_in_a_line(node);
    if (node->kind == CONF_SCALAR || one_line || node->count == 0) {
        fputc(' ', out);
        if (node->kind == CONF_SCALAR)
            print_scalar(out, node);
        else if (one_line)
            print_line(out, node);
        else
            fputs("{}", out);
        fputc('\n', out);
        return;
    }
    fputc(in_list ? ' ' : '\n', out);
    print_children(out, node, indent + STEP, in_list);
}

/** begun: the first line stands behind a dash already. */
static void print_children(FILE *out, const struct conf_node *node, unsigned indent, bool begun)
{
    for (const struct conf_node *n = node->children; n; n = n->next) {
        fprintf(out, "%*s", begun ? 0 : (int)indent, "");
        if (node->kind == CONF_MAP) {
            conf_print_text(out, n->key);
            fputc(':', out);
        } else {
            fputc('-', out);
        }
        print_value(out, n, indent, node->kind == CONF_LIST);
        begun = false;
    }
}

void conf_print_yaml(const struct conf_node *node, unsigned indent, FILE *out)
{
    if (node->kind == CONF_SCALAR || node->count == 0) {
        fprintf(out, "%*s", (int)indent, "");
        if (node->kind == CONF_SCALAR)
            print_scalar(out, node);
        else
            fputs(node->kind == CONF_MAP ? "{}" : "[]", out);
        fputc('\n', out);
        return;
    }
    print_children(out, node, indent, false);
}

bool conf_equal(const struct conf_node *a, const struct conf_node *b)
{
    if (conf_is_null(a) || conf_is_null(b))
        return conf_is_null(a) && conf_is_null(b);
    if (a->kind != b->kind || a->count != b->count || !slice_eq(a->text, b->text))
        return false;
    const struct conf_node *m = a->children, *n = b->children;
    for (; m && n; m = m->next, n = n->next)
        if (!slice_eq(m->key, n->key) || !conf_equal(m, n))
            return false;
    return !m && !n;
}
