/* command_table: which subcommands there are, and how the program finds the one that is meant. See command.h. */
#include "base/config/conf_error.h"
#include "proxy/command/command.h"

#include <string.h>

const struct command command_table[] = {
    {"run", command_run, "run the proxy", command_run_help},
    {"check", command_check, "check a configuration and say everything that is wrong with it", command_check_help},
    {"explain", command_explain, "show what would become of a message, and why", command_explain_help},
    {"test", command_test, "play test cases against a policy, and list the rules that none reached", command_test_help},
    {"state", command_state, "look at rate limits, forgive a client, or block one", command_state_help},
    {"backend", command_backend, "take servers of a backend out of service, and back", command_backend_help},
    {"lookup", command_lookup, "make one check (spf, dkim, dmarc) and show every DNS answer used", command_lookup_help},
    {"shadow", command_shadow, "sum up what a candidate policy and rules in shadow mode would have done", command_shadow_help},
    {"status", command_status, "show what the running proxy has counted", command_status_help},
    {"config", command_config, "explain options, facts and policy words; show the configuration in force", command_config_help},
    {0},
};

enum { COMMAND_COUNT = sizeof command_table / sizeof command_table[0] - 1 };

const struct command *command_find(const char *name)
{
    for (const struct command *c = command_table; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const char *command_nearest(const char *name)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = command_table[i].name;
    return conf_nearest(slice_of(name), names, COMMAND_COUNT);
}

void command_print_overview(FILE *out)
{
    fputs("Mailweir stands in front of a mail server, filters SMTP by your policy, and passes accepted mail on unchanged.\n\n"
          "Usage: mailweir COMMAND [ARGUMENTS]\n\nCommands:\n",
          out);
    for (const struct command *c = command_table; c->name; c++)
        fprintf(out, "  %-8s %s\n", c->name, c->summary);
    fputs("\n`mailweir COMMAND --help` tells more; `mailweir --version` names the version.\n", out);
}

static int complain_unknown(const char *name)
{
    const char *meant = command_nearest(name);
    fprintf(stderr, "mailweir: there is no command \"%s\"", name);
    if (meant)
        fprintf(stderr, "; did you mean \"%s\"?", meant);
    fputs("\nTry: mailweir --help\n", stderr);
    return COMMAND_USAGE;
}

/** `mailweir help [COMMAND]` */
static int print_help(int argc, char **argv)
{
    if (argc == 2) {
        command_print_overview(stdout);
        return COMMAND_OK;
    }
    const struct command *command = command_find(argv[2]);
    if (!command)
        return complain_unknown(argv[2]);
    fputs(command->help, stdout);
    return COMMAND_OK;
}

int command_main(int argc, char **argv)
{
    if (argc < 2) {
        command_print_overview(stderr);
        return COMMAND_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return print_help(argc, argv);
    if (strcmp(argv[1], "--version") == 0) {
        puts("mailweir " MAILWEIR_VERSION);
        return COMMAND_OK;
    }
    const struct command *command = command_find(argv[1]);
    return command ? command->run(argc - 1, argv + 1) : complain_unknown(argv[1]);
}
