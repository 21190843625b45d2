/* conf_json: see conf_json.h. */
#include "proxy/reference/conf_json.h"

#include "base/config/conf_node.h"

static json_t *number_of(struct slice text)
{
    struct slice digits = slice_skip(text, slice_starts(text, SLICE("-")));
    uint64_t value;
    bool good = slice_to_u64(digits, &value) && value <= INT64_MAX && (digits.len == 1 || digits.ptr[0] != '0');
    return good ? json_integer(digits.len < text.len ? -(json_int_t)value : (json_int_t)value) : NULL;
}

static json_t *scalar_of(const struct conf_node *node)
{
    struct slice text = node->text;
    json_t *number = node->quoted ? NULL : number_of(text);
    if (number)
        return number;
    if (conf_is_null(node))
        return json_null();
    if (!node->quoted && (slice_eq(text, SLICE("true")) || slice_eq(text, SLICE("false"))))
        return json_boolean(text.len == 4);
    return json_stringn(text.ptr, text.len);
}

json_t *conf_json(const struct conf_node *node)
{
    if (node->kind == CONF_SCALAR)
        return scalar_of(node);
    json_t *out = node->kind == CONF_LIST ? json_array() : json_object();
    for (const struct conf_node *n = node->children; n; n = n->next) {
        if (node->kind == CONF_LIST)
            json_array_append_new(out, conf_json(n));
        else
            json_object_setn_new(out, n->key.ptr, n->key.len, conf_json(n));
    }
    return out;
}
