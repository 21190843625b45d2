/* config_facts: `mailweir config facts`: what a policy can look at. */
#include "proxy/command/command.h"
#include "proxy/command/command_config.h"
#include "proxy/command/fact_list.h"
#include "proxy/settings/settings.h"

int config_facts(int argc, char **argv)
{
    struct config_arguments arguments;
    if (!config_arguments_read(argc, argv, CONFIG_PATH | CONFIG_JSON, &arguments))
        return COMMAND_USAGE;
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const struct fact_schema *schema = settings_load_facts(arguments.path, arena, &errors);
    conf_errors_print(&errors, stderr);
    if (schema && arguments.json)
        fact_list_print_json(schema, stdout);
    else if (schema)
        fact_list_print(schema, stdout);
    int code = errors.errors ? COMMAND_CONFIG : COMMAND_OK;
    arena_free(&arena);
    return code;
}
