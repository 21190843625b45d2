/* command_config: `mailweir config defaults|help|facts`: the reference, from the option table and the facts' schema themselves. */
#include "proxy/command/command.h"
#include "proxy/command/fact_list.h"
#include "proxy/settings/settings_table.h"

static const char help[] = "Usage: mailweir config defaults\n"
                           "       mailweir config help [KEY]\n"
                           "       mailweir config facts [-c FILE] [--json]\n"
                           "\n"
                           "defaults   prints a complete configuration with every option, its meaning and its default.\n"
                           "           It can be saved and used as it is; what you leave out of yours is as printed here.\n"
                           "help       lists every option, or tells about one: mailweir config help limits.message_size\n"
                           "facts      lists what a policy can look at: each fact with its type, the stage from which it is known, its\n"
                           "           meaning, and the words it can be. What filters add depends on the configuration: -c, --config FILE\n"
                           "           names one (else the built-in defaults). --json prints one JSON object instead of columns.\n";

static int complain_unknown(const char *key, const struct option *table)
{
    struct arena *arena = arena_new();
    const char *meant = options_meant(table, slice_of(key), arena);
    if (meant)
        command_misused("config", "there is no option \"%s\"; did you mean \"%s\"?", key, meant);
    else
        command_misused("config", "there is no option \"%s\"; `mailweir config help` lists them", key);
    arena_free(&arena);
    return COMMAND_USAGE;
}

static void print_facts(const struct fact_schema *schema, bool json)
{
    if (json)
        fact_list_print_json(schema, stdout);
    else
        fact_list_print(schema, stdout);
}

static int list_facts(const char *path, bool json)
{
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const struct fact_schema *schema = settings_load_facts(path, arena, &errors);
    conf_errors_print(&errors, stderr);
    if (schema)
        print_facts(schema, json);
    int code = errors.errors ? COMMAND_CONFIG : COMMAND_OK;
    arena_free(&arena);
    return code;
}

static int read_facts_arguments(int argc, char **argv)
{
    const char *path = NULL;
    bool json = false;
    for (int i = 2; i < argc; i++) {
        bool names_file = strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--config") == 0;
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (!names_file)
            return command_misused("config", "`facts` takes -c FILE and --json, not %s", argv[i]);
        else if (++i == argc)
            return command_misused("config", "%s needs a file", argv[i - 1]);
        else
            path = argv[i];
    }
    return list_facts(path, json);
}

static int print_help(const char *key)
{
    struct arena *arena = arena_new();
    struct settings_table table = settings_table_build(arena);
    const struct option *row = key ? options_find(table.rows, slice_of(key), NULL) : NULL;
    int code = COMMAND_OK;
    if (!key)
        options_print_index(table.rows, stdout);
    else if (row)
        options_print_help(row, key, stdout);
    else
        code = complain_unknown(key, table.rows);
    arena_free(&arena);
    return code;
}

int command_config(int argc, char **argv)
{
    if (command_wants_help(argc, argv, help))
        return COMMAND_OK;
    if (argc < 2)
        return command_misused("config", "say what: defaults, help or facts");
    if (strcmp(argv[1], "defaults") == 0 && argc == 2) {
        settings_print_defaults(stdout);
        return COMMAND_OK;
    }
    if (strcmp(argv[1], "help") == 0 && argc <= 3)
        return print_help(argc == 3 ? argv[2] : NULL);
    if (strcmp(argv[1], "facts") == 0)
        return read_facts_arguments(argc, argv);
    return command_misused("config", "expected `defaults`, `help [KEY]` or `facts`");
}
