/* main: finds the subcommand and runs it. A new one is a row here and a function in command.h. */
#include "base/config/conf_error.h"
#include "proxy/command/command.h"

#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *doc;
};

static const struct command commands[] = {
    {"run", command_run, "run the proxy"},
    {"check", command_check, "check a configuration and say everything that is wrong with it"},
    {"explain", command_explain, "show what would become of a message, and why"},
    {"backend", command_backend, "take servers of a backend out of service, and back"},
    {"lookup", command_lookup, "make one check (spf, dkim, dmarc) and show every DNS answer used"},
    {"config", command_config, "print the default configuration, explain an option, or list the facts"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void print_usage(FILE *out)
{
    fputs("Mailweir stands in front of a mail server, filters SMTP by your policy, and passes accepted mail on unchanged.\n\n"
          "Usage: mailweir COMMAND [ARGUMENTS]\n\nCommands:\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].doc);
    fputs("\n`mailweir COMMAND --help` tells more; `mailweir --version` names the version.\n", out);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int complain_unknown(const char *name)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    const char *meant = conf_nearest(slice_of(name), names, COMMAND_COUNT);
    fprintf(stderr, "mailweir: there is no command \"%s\"", name);
    if (meant)
        fprintf(stderr, "; did you mean \"%s\"?", meant);
    fputs("\nTry: mailweir --help\n", stderr);
    return COMMAND_USAGE;
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return COMMAND_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return COMMAND_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("mailweir " MAILWEIR_VERSION);
        return COMMAND_OK;
    }
    const struct command *command = find_command(argv[1]);
    return command ? command->run(argc - 1, argv + 1) : complain_unknown(argv[1]);
}

int main(int argc, char **argv)
{
    int code = run_command(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("mailweir: standard output");
        return code ? code : 74; /* EX_IOERR */
    }
    return code;
}
