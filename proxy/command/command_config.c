/* command_config: `mailweir config ...`: finds the part that is meant and reads its arguments. */
#include "proxy/command/command_config.h"

#include "base/config/conf_error.h"
#include "proxy/command/command.h"

#include <string.h>

const char command_config_help[] =
    "Usage: mailweir config defaults\n"
    "       mailweir config help [NAME]\n"
    "       mailweir config show [-c FILE] [--all] [--json]\n"
    "       mailweir config facts [-c FILE] [--json]\n"
    "       mailweir config schema [-c FILE]\n"
    "       mailweir config reference PAGE [--man]\n"
    "       mailweir config completion\n"
    "\n"
    "defaults   prints a complete configuration with every option, its meaning and its default.\n"
    "           It can be saved and used as it is; what you leave out of yours is as printed here.\n"
    "help       lists every option, or tells about one, or about a filter, a fact, or a word of the policy language:\n"
    "           mailweir config help limits.message_size; mailweir config help reject\n"
    "show       prints what is in force under a configuration, with all that it includes, where it differs from the\n"
    "           defaults, or all of it (--all): YAML that loads to the same settings, or JSON.\n"
    "facts      lists what a policy can look at: each fact with its type, the stage from which it is known, its\n"
    "           meaning, and the words it can be. What filters add depends on the configuration.\n"
    "schema     prints a JSON Schema, by which editors complete and check configurations; with -c one that knows the\n"
    "           facts of that configuration, too.\n"
    "reference  prints a page of the reference, as Markdown or for man: configuration, policy or commands.\n"
    "completion prints what completes this program's commands in bash.\n"
    "\n"
    "  -c, --config FILE  the configuration (show: " COMMAND_CONFIG_PATH "; facts and schema: built-in defaults)\n"
    "  --all              what is as by default, too\n"
    "  --json             JSON instead of text\n"
    "  --man              a manual page instead of Markdown\n"
    "\n"
    "Exit code: 0, 64 for wrong arguments, 78 for a bad configuration.\n";

static const struct part {
    const char *name;
    int (*run)(int argc, char **argv);
} parts[] = {
    {"completion", config_completion}, {"defaults", config_defaults}, {"help", config_help},           {"show", config_show},
    {"facts", config_facts},           {"schema", config_schema},     {"reference", config_reference},
};

enum { PARTS = sizeof parts / sizeof parts[0] };

static int complain_unknown(const char *name)
{
    const char *names[PARTS];
    for (size_t i = 0; i < PARTS; i++)
        names[i] = parts[i].name;
    const char *meant = conf_nearest(slice_of(name), names, PARTS);
    if (meant)
        return command_misused("config", "there is no \"config %s\"; did you mean \"config %s\"?", name, meant);
    return command_misused("config", "there is no \"config %s\"", name);
}

int command_config(int argc, char **argv)
{
    if (command_wants_help(argc, argv, command_config_help))
        return COMMAND_OK;
    if (argc < 2)
        return command_misused("config", "say what: defaults, help, show, facts, schema, reference or completion");
    if (argc > 2 && command_wants_help(argc - 1, argv + 1, command_config_help))
        return COMMAND_OK;
    for (size_t i = 0; i < PARTS; i++)
        if (strcmp(parts[i].name, argv[1]) == 0)
            return parts[i].run(argc - 1, argv + 1);
    return complain_unknown(argv[1]);
}

/** One of the options without a value, or NULL. */
static bool *find_switch(const char *name, unsigned known, struct config_arguments *out)
{
    if (known & CONFIG_ALL && strcmp(name, "--all") == 0)
        return &out->all;
    if (known & CONFIG_JSON && strcmp(name, "--json") == 0)
        return &out->json;
    if (known & CONFIG_MAN && strcmp(name, "--man") == 0)
        return &out->man;
    return NULL;
}

bool config_arguments_read(int argc, char **argv, unsigned known, struct config_arguments *out)
{
    *out = (struct config_arguments){0};
    for (int i = 1; i < argc; i++) {
        bool *flag = find_switch(argv[i], known, out);
        bool names_file = strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--config") == 0;
        if (flag) {
            *flag = true;
        } else if (names_file && known & CONFIG_PATH) {
            if (i + 1 == argc)
                return command_misused("config", "%s needs a file", argv[i]) == COMMAND_OK;
            out->path = argv[++i];
        } else if (argv[i][0] != '-' && known & CONFIG_NAME && !out->name) {
            out->name = argv[i];
        } else {
            return command_misused("config", "`%s` does not take %s", argv[0], argv[i]) == COMMAND_OK;
        }
    }
    return true;
}
