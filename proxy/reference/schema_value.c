/* schema_value: what single values may be. See schema.h. */
#include "base/buf.h"
#include "base/config/option_units.h"
#include "proxy/reference/schema.h"

enum { TEXT_MAX = 4096, NAME_MAX_BYTES = 100 };

json_t *schema_ref(const char *name)
{
    return json_pack("{s:s+}", "$ref", "#/$defs/", name);
}

json_t *schema_either(json_t *a, json_t *b)
{
    return json_pack("{s:[o,o]}", "anyOf", a, b);
}

json_t *schema_one_or_more(json_t *value)
{
    json_t *list = json_pack("{s:s, s:O}", "type", "array", "items", value);
    return schema_either(value, list);
}

json_t *schema_text(int64_t max)
{
    return json_pack("{s:[s,s], s:i, s:I}", "type", "string", "number", "minLength", 1, "maxLength", (json_int_t)max);
}

json_t *schema_pattern(const char *pattern)
{
    return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

json_t *schema_words(const char *const *words)
{
    json_t *list = json_array();
    for (size_t i = 0; words && words[i]; i++)
        json_array_append_new(list, json_string(words[i]));
    return json_pack("{s:o}", "enum", list);
}

void schema_describe(json_t *schema, const char *doc)
{
    json_object_set_new(schema, "description", json_string(doc));
}

/** "ms|s|m|h|d" */
static void add_units(struct buf *out, const struct option_unit *units)
{
    for (const struct option_unit *u = units; u->name; u++)
        buf_add_format(out, "%s%s", u == units ? "" : "|", u->name);
}

/** before, a number and one of the units; a zero needs none. */
static json_t *with_unit(const char *before, const struct option_unit *units, const char *after)
{
    struct buf pattern = {0};
    buf_add_text(&pattern, before);
    buf_add_text(&pattern, "[0-9]+(");
    add_units(&pattern, units);
    buf_add_text(&pattern, after);
    json_t *schema = schema_pattern(pattern.ptr);
    buf_release(&pattern);
    return schema;
}

json_t *schema_duration(void)
{
    return schema_either(with_unit("^(0+|", option_durations, "))$"), json_pack("{s:i}", "const", 0));
}

static json_t *number_in_range(int64_t min, int64_t max)
{
    json_t *schema = json_pack("{s:s}", "type", "integer");
    if (min != 0 || max != 0) {
        json_object_set_new(schema, "minimum", json_integer(min));
        json_object_set_new(schema, "maximum", json_integer(max));
    }
    return schema;
}

static json_t *number_of_fact(void)
{
    struct buf pattern = {0};
    buf_add_text(&pattern, "^-?[0-9]+(");
    add_units(&pattern, option_durations);
    buf_add_byte(&pattern, '|');
    add_units(&pattern, option_sizes);
    buf_add_text(&pattern, ")?$");
    json_t *schema = schema_either(json_pack("{s:s}", "type", "integer"), schema_pattern(pattern.ptr));
    buf_release(&pattern);
    return schema;
}

/** 120/1h, or 100MiB/1h. */
static json_t *rate_of_events(void)
{
    struct buf pattern = {0};
    buf_add_text(&pattern, "^[0-9]+(");
    add_units(&pattern, option_sizes);
    buf_add_text(&pattern, ")?/[0-9]+(");
    add_units(&pattern, option_durations);
    buf_add_text(&pattern, ")$");
    json_t *schema = schema_pattern(pattern.ptr);
    buf_release(&pattern);
    return schema;
}

json_t *schema_of_scalar(const struct option *row)
{
    switch (row->type) {
    case OPTION_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case OPTION_NUMBER:
        return number_in_range(row->min, row->max);
    case OPTION_DURATION:
        return schema_duration();
    case OPTION_SIZE:
        return schema_either(number_in_range(row->min, row->max), with_unit("^", option_sizes, ")?$"));
    case OPTION_RATE:
        return rate_of_events();
    case OPTION_WORD:
        return schema_words(row->words);
    case OPTION_ENDPOINT:
        return schema_pattern("^([*]|[0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$");
    case OPTION_NETWORK:
        return schema_pattern("^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$");
    default:
        return schema_text(TEXT_MAX);
    }
}

static json_t *headers(void)
{
    return json_pack("{s:s, s:i, s:{s:s}, s:o}", "type", "object", "minProperties", 1, "propertyNames", "pattern", "^[!-9;-~]+$",
                     "additionalProperties", schema_text(TEXT_MAX));
}

static json_t *reply(void)
{
    json_t *code = json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", 400, "maximum", 599);
    return schema_either(schema_pattern("^[45][0-9]{2}( .*)?$"), code);
}

json_t *schema_of_shape(enum policy_shape shape, const char *const *words, const char *ref)
{
    switch (shape) {
    case SHAPE_WORD:
        return schema_words(words);
    case SHAPE_VALUE:
    case SHAPE_TEST:
    case SHAPE_CONDITION:
    case SHAPE_ACTION:
        return schema_ref(ref);
    case SHAPE_NUMBER:
        return number_of_fact();
    case SHAPE_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case SHAPE_DURATION:
        return schema_duration();
    case SHAPE_REPLY:
        return reply();
    case SHAPE_HEADER:
        return headers();
    case SHAPE_NAME:
    case SHAPE_POLICY:
        return schema_text(NAME_MAX_BYTES);
    case SHAPE_TEXT:
    case SHAPE_MAILBOX:
        return schema_text(TEXT_MAX);
    case SHAPE_FIELDS:
    case SHAPE_MAILBOXES:
    case SHAPE_LISTS:
    case SHAPE_REGEX:
        return schema_one_or_more(schema_text(TEXT_MAX));
    }
    return json_object();
}
