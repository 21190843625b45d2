/* log_line_json: a line of our log in JSON: one flat object. See log_line.h. */
#include "proxy/logbook/log_line.h"

#include <inttypes.h>
#include <jansson.h>

/* Numbers as they were written; what is neither text nor a whole number is not ours and is left out. */
static bool read_value(const json_t *json, struct arena *arena, struct slice *value)
{
    if (json_is_string(json))
        *value = arena_copy(arena, slice_make(json_string_value(json), json_string_length(json)));
    else if (json_is_integer(json))
        *value = slice_of(arena_format(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(json)));
    else
        return false;
    return true;
}

bool log_line_parse_json(struct slice line, struct arena *arena, struct log_line *out)
{
    json_error_t error;
    json_t *object = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, &error), *value;
    const char *key;
    if (!json_is_object(object) || json_object_size(object) > LOG_LINE_PAIRS) {
        json_decref(object);
        return false;
    }
    struct log_pair *pairs = arena_alloc(arena, (json_object_size(object) + 1) * sizeof *pairs);
    out->pairs = pairs;
    json_object_foreach(object, key, value) if (read_value(value, arena, &pairs[out->count].value)) pairs[out->count++].key =
        slice_of(arena_string(arena, slice_of(key)));
    json_decref(object);
    return true;
}
