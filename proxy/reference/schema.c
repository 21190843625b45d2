/* schema: puts the parts together. See schema.h. */
#include "proxy/reference/schema.h"

#include <string.h>

static json_t *policies(void)
{
    return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", schema_ref("policy"));
}

/** A list by name: an entry or several; an entry may be a file of them. */
static json_t *lists(void)
{
    json_t *file = json_pack("{s:s, s:{s:o}, s:[s], s:b}", "type", "object", "properties", "file", schema_text(4096), "required", "file",
                             "additionalProperties", 0);
    json_t *list = schema_one_or_more(schema_either(schema_text(4096), file));
    return json_pack("{s:[s,s], s:o}", "type", "object", "null", "additionalProperties", list);
}

static json_t *node_of(const char *key)
{
    if (strcmp(key, "policies") == 0)
        return policies();
    return strcmp(key, "lists") == 0 ? lists() : json_object();
}

/** What must be there may come from an included file. */
static void loosen_for_includes(json_t *root)
{
    json_t *required = json_incref(json_object_get(root, "required"));
    json_object_del(root, "required");
    json_object_set_new(root, "if", json_pack("{s:{s:[s]}}", "not", "required", "include"));
    json_object_set_new(root, "then", json_pack("{s:o}", "required", required));
}

json_t *schema_new(const struct option *options, const struct fact_schema *facts, bool open)
{
    json_t *root = json_pack("{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title", "Mailweir's configuration");
    json_t *defs = json_object(), *top = schema_of_table(options, node_of);
    json_object_update(root, top);
    json_decref(top);
    loosen_for_includes(root);
    schema_define_policy(defs);
    schema_define_conditions(defs, facts, open);
    json_object_set_new(root, "$defs", defs);
    return root;
}
