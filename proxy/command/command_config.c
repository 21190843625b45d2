/* command_config: `mailweir config defaults` and `mailweir config help [KEY]`: the reference, from the option table itself. */
#include "proxy/command/command.h"
#include "proxy/settings/settings_table.h"

static const char help[] = "Usage: mailweir config defaults\n"
                           "       mailweir config help [KEY]\n"
                           "\n"
                           "defaults   prints a complete configuration with every option, its meaning and its default.\n"
                           "           It can be saved and used as it is; what you leave out of yours is as printed here.\n"
                           "help       lists every option, or tells about one: mailweir config help limits.message_size\n";

static int complain_unknown(const char *key, const struct option *table)
{
    struct slice last = slice_of(key);
    ptrdiff_t dot = slice_last_index(last, '.');
    const char *meant = options_nearest(table, slice_skip(last, (size_t)(dot + 1)));
    if (meant)
        return command_misused("config", "there is no option \"%s\"; did you mean \"%.*s%s\"?", key, (int)(dot + 1), key, meant);
    return command_misused("config", "there is no option \"%s\"; `mailweir config help` lists them", key);
}

static int print_help(const char *key)
{
    struct arena *arena = arena_new();
    struct settings_table table = settings_table_build(arena);
    const struct option *parent;
    const struct option *row = key ? options_find(table.rows, slice_of(key), &parent) : NULL;
    int code = COMMAND_OK;
    if (!key)
        options_print_index(table.rows, stdout);
    else if (row)
        options_print_help(row, key, stdout);
    else
        code = complain_unknown(key, parent);
    arena_free(&arena);
    return code;
}

int command_config(int argc, char **argv)
{
    if (command_wants_help(argc, argv, help))
        return COMMAND_OK;
    if (argc < 2)
        return command_misused("config", "say what: defaults or help");
    if (strcmp(argv[1], "defaults") == 0 && argc == 2) {
        settings_print_defaults(stdout);
        return COMMAND_OK;
    }
    if (strcmp(argv[1], "help") == 0 && argc <= 3)
        return print_help(argc == 3 ? argv[2] : NULL);
    return command_misused("config", "expected `defaults` or `help [KEY]`");
}
