/* config_show: `mailweir config show` and `config defaults`: what is in force, and what would be without a configuration. */
#include "base/config/conf_print.h"
#include "proxy/command/command.h"
#include "proxy/command/command_config.h"
#include "proxy/reference/conf_json.h"
#include "proxy/settings/settings.h"

static void print_json(const struct conf_node *tree)
{
    json_t *json = conf_json(tree);
    json_dumpf(json, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(json);
}

static void print_tree(const struct conf_node *tree, const struct config_arguments *arguments, const char *path)
{
    if (arguments->json) {
        print_json(tree);
        return;
    }
    printf("# %s: %s\n", path, arguments->all ? "every option as it is in force" : "what differs from the defaults");
    conf_print_yaml(tree, 0, stdout);
}

int config_show(int argc, char **argv)
{
    struct config_arguments arguments;
    if (!config_arguments_read(argc, argv, CONFIG_PATH | CONFIG_ALL | CONFIG_JSON, &arguments))
        return COMMAND_USAGE;
    const char *path = arguments.path ? arguments.path : COMMAND_CONFIG_PATH;
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const struct conf_node *tree = settings_dump(path, arguments.all, arena, &errors);
    conf_errors_print(&errors, stderr);
    if (tree)
        print_tree(tree, &arguments, path);
    arena_free(&arena);
    return tree ? COMMAND_OK : COMMAND_CONFIG;
}

int config_defaults(int argc, char **argv)
{
    struct config_arguments none;
    if (!config_arguments_read(argc, argv, 0, &none))
        return COMMAND_USAGE;
    settings_print_defaults(stdout);
    return COMMAND_OK;
}
