/* config_schema: `mailweir config schema`: the JSON Schema of a configuration. */
#include "proxy/command/command.h"
#include "proxy/command/command_config.h"
#include "proxy/reference/schema.h"
#include "proxy/settings/settings_table.h"

static void print_schema(const struct fact_schema *facts, bool open)
{
    struct arena *arena = arena_new();
    json_t *schema = schema_new(settings_table_build(arena).rows, facts, open);
    json_dumpf(schema, stdout, JSON_INDENT(1));
    fputc('\n', stdout);
    json_decref(schema);
    arena_free(&arena);
}

int config_schema(int argc, char **argv)
{
    struct config_arguments arguments;
    if (!config_arguments_read(argc, argv, CONFIG_PATH, &arguments))
        return COMMAND_USAGE;
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const struct fact_schema *facts = settings_load_facts(arguments.path, arena, &errors);
    conf_errors_print(&errors, stderr);
    bool good = facts && errors.errors == 0;
    if (good)
        print_schema(facts, !arguments.path);
    arena_free(&arena);
    return good ? COMMAND_OK : COMMAND_CONFIG;
}
