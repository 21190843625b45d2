/* config_help: `mailweir config help [NAME]`: tells about whatever has that name, or lists every option. */
#include "proxy/command/command.h"
#include "proxy/command/command_config.h"
#include "proxy/reference/topic.h"
#include "proxy/settings/settings_table.h"

static void print_index(void)
{
    struct arena *arena = arena_new();
    options_print_index(settings_table_build(arena).rows, stdout);
    arena_free(&arena);
}

static int complain_unknown(const char *name)
{
    struct arena *arena = arena_new();
    const char *meant = topic_meant(name, arena);
    if (meant)
        command_misused("config", "nothing is called \"%s\"; did you mean \"%s\"?", name, meant);
    else
        command_misused("config", "nothing is called \"%s\"; `mailweir config help` lists the options", name);
    arena_free(&arena);
    return COMMAND_USAGE;
}

int config_help(int argc, char **argv)
{
    struct config_arguments arguments;
    if (!config_arguments_read(argc, argv, CONFIG_NAME, &arguments))
        return COMMAND_USAGE;
    if (!arguments.name)
        print_index();
    else if (!topic_print(arguments.name, stdout))
        return complain_unknown(arguments.name);
    return COMMAND_OK;
}
