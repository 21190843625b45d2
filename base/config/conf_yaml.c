/* conf_yaml: see conf_yaml.h. libyaml's events are put together into a tree without recursion: open mappings and lists are on
 * a stack, so that depth is bounded. Aliases are never followed: no text grows when it is read. */
#include "base/config/conf_yaml.h"

#include "base/config/conf_text.h"
#include "base/config/conf_unique.h"

#include <yaml.h>

struct frame {
    struct conf_node *node;  /* an open mapping or list */
    struct conf_node **last; /* where its next child is linked */
    bool has_key;            /* mapping: the next event is the value of this key */
    struct slice key;
    unsigned key_line, key_column;
};

struct builder {
    struct arena *arena;
    struct conf_errors *errors;
    const char *file;
    size_t *values_left;
    struct frame stack[CONF_DEPTH_MAX];
    size_t depth;
    struct conf_node *root;
    unsigned documents;
    bool broken; /* stop: the tree is not complete */
    bool ended;
};

static unsigned line_of(yaml_mark_t mark)
{
    return (unsigned)mark.line + 1;
}

static unsigned column_of(yaml_mark_t mark)
{
    return (unsigned)mark.column + 1;
}

static void complain(struct builder *b, yaml_mark_t mark, const char *text)
{
    conf_error_in(b->errors, b->file, line_of(mark), column_of(mark), "%s", text);
}

static void give_up(struct builder *b, yaml_mark_t mark, const char *text)
{
    complain(b, mark, text);
    b->broken = true;
}

/** What libyaml says, and beside it what is most often behind it. */
static const char *hint_for(const char *problem, char at)
{
    static const struct {
        const char *problem, *hint;
    } hints[] = {
        {"mapping values are not allowed in this context", "; is the line indented too far, or does a value with \": \" need quotes?"},
        {"did not find expected key", "; is the indentation right, and is every quote and bracket closed?"},
        {"could not find expected ':'", "; is a colon with a space missing after the key?"},
        {"did not find expected '-' indicator", "; is the indentation of the list right?"},
        {"did not find expected node content", "; a value that begins with a bracket, such as \"[::]:25\", needs quotes"},
        {"found unexpected end of stream", "; is every quote and bracket closed?"},
    };
    if (at && strchr("*&!%@`", at))
        return "; a value that begins with one of * & ! % @ ` needs quotes";
    if (at && strchr("[]{}", at))
        return "; a value that begins with a bracket, such as \"[::]:25\", needs quotes";
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (strcmp(problem, hints[i].problem) == 0)
            return hints[i].hint;
    return "";
}

/** The byte at a mark; libyaml counts characters. */
static char char_at(struct slice text, yaml_mark_t mark)
{
    for (size_t i = 0; i < mark.index && text.len; i++)
        text = slice_skip(text, conf_text_utf8(text));
    return text.len ? text.ptr[0] : '\0';
}

static void complain_syntax(struct builder *b, const yaml_parser_t *parser, struct slice text)
{
    yaml_mark_t mark = parser->problem_mark;
    const char *problem = parser->problem ? parser->problem : "no more memory";
    const char *context = parser->context ? parser->context : "";
    char c = char_at(text, strstr(context, "alias") ? parser->context_mark : mark);
    conf_error_in(b->errors, b->file, line_of(mark), column_of(mark), "not valid YAML: %s%s%s%s", context, context[0] ? ", " : "", problem,
                  hint_for(problem, c));
    b->broken = true;
}

static void check_properties(struct builder *b, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        complain(b, event->start_mark, "anchors (&name) are not supported; a value that begins with & needs quotes");
    if (tag)
        complain(b, event->start_mark, "tags (!name) are not supported; a value that begins with ! needs quotes");
}

static struct frame *top(struct builder *b)
{
    return b->depth ? &b->stack[b->depth - 1] : NULL;
}

static struct conf_node *node_new(struct builder *b, enum conf_kind kind, yaml_mark_t mark)
{
    struct conf_node *node = arena_alloc(b->arena, sizeof *node);
    node->kind = kind;
    node->file = b->file;
    node->line = line_of(mark);
    node->column = column_of(mark);
    if (*b->values_left == 0)
        give_up(b, mark, "too many values; long lists belong in files of their own (lists: NAME: {file: PATH})");
    else
        --*b->values_left;
    return node;
}

/** Puts the node into the open mapping or list, or makes it the document. */
static void attach(struct builder *b, struct conf_node *node)
{
    struct frame *f = top(b);
    if (!f) {
        b->root = node;
        return;
    }
    node->parent = f->node;
    node->index = f->node->count;
    node->key = f->key;
    node->key_line = f->key_line;
    node->key_column = f->key_column;
    f->has_key = false;
    *f->last = node;
    f->last = &node->next;
    f->node->count++;
}

static bool expects_key(struct builder *b)
{
    struct frame *f = top(b);
    return f && f->node->kind == CONF_MAP && !f->has_key;
}

static struct slice scalar_text(struct builder *b, const yaml_event_t *event)
{
    char *copy = arena_alloc(b->arena, event->data.scalar.length + 1);
    memcpy(copy, event->data.scalar.value, event->data.scalar.length);
    if (strlen(copy) != event->data.scalar.length)
        complain(b, event->start_mark, "a text may not hold a NUL character");
    return slice_of(copy);
}

static void take_key(struct builder *b, const yaml_event_t *event)
{
    struct frame *f = top(b);
    f->key = scalar_text(b, event);
    f->key_line = line_of(event->start_mark);
    f->key_column = column_of(event->start_mark);
    f->has_key = true;
    if (f->key.len == 0)
        complain(b, event->start_mark, "a key is missing before the colon");
    if (slice_eq(f->key, SLICE("<<")))
        complain(b, event->start_mark, "merge keys (<<) are not supported");
}

static void take_scalar(struct builder *b, const yaml_event_t *event)
{
    check_properties(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (expects_key(b)) {
        take_key(b, event);
        return;
    }
    struct conf_node *node = node_new(b, CONF_SCALAR, event->start_mark);
    node->text = scalar_text(b, event);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    attach(b, node);
}

static void take_open(struct builder *b, const yaml_event_t *event, enum conf_kind kind)
{
    if (expects_key(b)) {
        give_up(b, event->start_mark, "a key must be a plain word; a text that begins with a bracket needs quotes");
        return;
    }
    if (b->depth == CONF_DEPTH_MAX) {
        give_up(b, event->start_mark, "nested too deeply");
        return;
    }
    struct conf_node *node = node_new(b, kind, event->start_mark);
    attach(b, node);
    b->stack[b->depth++] = (struct frame){.node = node, .last = &node->children};
}

static void take_close(struct builder *b)
{
    const struct frame *f = &b->stack[--b->depth];
    if (f->node->kind == CONF_MAP)
        conf_unique(f->node, false, b->errors);
}

static void take_alias(struct builder *b, const yaml_event_t *event)
{
    give_up(b, event->start_mark, "aliases (*name) are not supported; a value that begins with * needs quotes, such as \"*:25\"");
}

static void take_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++b->documents > 1)
            give_up(b, event->start_mark, "a second document begins here; a file holds one");
        break;
    case YAML_SCALAR_EVENT:
        take_scalar(b, event);
        break;
    case YAML_MAPPING_START_EVENT:
        check_properties(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        take_open(b, event, CONF_MAP);
        break;
    case YAML_SEQUENCE_START_EVENT:
        check_properties(b, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        take_open(b, event, CONF_LIST);
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        take_close(b);
        break;
    case YAML_ALIAS_EVENT:
        take_alias(b, event);
        break;
    case YAML_STREAM_END_EVENT:
        b->ended = true;
        break;
    default:
        break;
    }
}

static void build(struct builder *b, yaml_parser_t *parser, struct slice text)
{
    while (!b->broken && !b->ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            complain_syntax(b, parser, text);
            return;
        }
        take_event(b, &event);
        yaml_event_delete(&event);
    }
}

struct conf_node *conf_yaml_parse(struct slice text, const char *file, size_t *values_left, struct arena *arena, struct conf_errors *errors)
{
    struct builder b = {.arena = arena, .errors = errors, .file = file, .values_left = values_left};
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        conf_error_in(errors, file, 0, 0, "no more memory");
        return NULL;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
    build(&b, &parser, text);
    yaml_parser_delete(&parser);
    if (b.broken)
        return NULL;
    if (!b.root || conf_is_null(b.root)) {
        b.root = arena_alloc(arena, sizeof *b.root);
        *b.root = (struct conf_node){.kind = CONF_MAP, .file = file, .line = 1, .column = 1};
    }
    return b.root;
}
