/* schema_options: an option table as a schema. See schema.h. What option.c accepts in place of a mapping is accepted here, too. */
#include "base/config/option_text.h"
#include "base/config/option_value.h"
#include "proxy/reference/conf_json.h"
#include "proxy/reference/schema.h"

typedef json_t *(*node_fn)(const char *key);

static json_t *or_null(json_t *schema)
{
    return schema_either(schema, json_pack("{s:s}", "type", "null"));
}

/** What stands before the meaning in a mapping of the rest: the first option's value alone. NULL: a mapping is needed. */
static json_t *short_form(const struct option *table)
{
    const struct option *first = NULL;
    for (const struct option *row = table; row->key; row++) {
        if (!option_is_shown(row))
            continue;
        if (first && row->required)
            return NULL;
        first = first ? first : row;
    }
    return first && option_type_is_scalar(first->type) ? schema_of_scalar(first) : NULL;
}

static json_t *item_of(const struct option *table, node_fn node)
{
    json_t *map = schema_of_table(table, node), *alone = short_form(table);
    return alone ? schema_either(alone, map) : map;
}

static json_t *value_of(const struct option *row, node_fn node)
{
    switch (row->type) {
    case OPTION_SECTION:
        return or_null(schema_of_table(row->section, node));
    case OPTION_SECTIONS:
        return json_pack("{s:s, s:o}", "type", "array", "items", item_of(row->section, node));
    case OPTION_NAMED:
        return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", item_of(row->section + 1, node));
    case OPTION_TEXTS:
        return schema_one_or_more(schema_text(4096));
    case OPTION_NODE:
        return node(row->key);
    default:
        return schema_of_scalar(row);
    }
}

static bool can_be_unset(const struct option *row)
{
    return !row->required && (row->type == OPTION_TEXT || row->type == OPTION_PATH || option_is_list(row));
}

static json_t *json_of(const char *yaml)
{
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const struct conf_node *tree = conf_read_text(slice_of(yaml), "a default", arena, &errors);
    json_t *json = tree ? conf_json(tree) : NULL;
    arena_free(&arena);
    return json;
}

static void describe(json_t *schema, const struct option *row)
{
    struct buf text = {0};
    buf_add_text(&text, row->doc);
    if (option_has_range(row)) {
        buf_add_text(&text, " Range: ");
        option_add_range(&text, row);
        buf_add_byte(&text, '.');
    }
    schema_describe(schema, text.ptr);
    buf_release(&text);
}

/** The default; of what must be set, an example. */
static void add_default(json_t *schema, const struct option *row)
{
    if (!row->fallback || (row->required && row->type == OPTION_NODE))
        return;
    bool is_text = row->type == OPTION_TEXT || row->type == OPTION_PATH || row->type == OPTION_ENDPOINT;
    json_t *value = is_text ? json_string(row->fallback) : json_of(row->fallback);
    if (value && row->required)
        json_object_set_new(schema, "examples", json_pack("[o]", value));
    else if (value)
        json_object_set_new(schema, "default", value);
}

json_t *schema_of_table(const struct option *table, node_fn node)
{
    json_t *properties = json_object(), *required = json_array();
    for (const struct option *row = table; row->key; row++) {
        if (!option_is_shown(row))
            continue;
        json_t *schema = can_be_unset(row) ? or_null(value_of(row, node)) : value_of(row, node);
        describe(schema, row);
        add_default(schema, row);
        json_object_set_new(properties, row->key, schema);
        if (row->required)
            json_array_append_new(required, json_string(row->key));
    }
    return json_pack("{s:s, s:o, s:b, s:o}", "type", "object", "properties", properties, "additionalProperties", 0, "required", required);
}
