/* command: the subcommands of the program. Each gets its own argv (argv[0] is its name) and returns the process's exit code.
 * Results go to standard output, errors and warnings about them to standard error. */
#ifndef PROXY_COMMAND_H
#define PROXY_COMMAND_H

#include <stdbool.h>

/** Exit codes, as in sysexits.h. */
enum { COMMAND_OK = 0, COMMAND_USAGE = 64, COMMAND_FAILED = 69, COMMAND_CONFIG = 78 };

/** The configuration that commands use if none is named. */
#define COMMAND_CONFIG_PATH "/etc/mailweir/mailweir.yaml"

int command_run(int argc, char **argv);
int command_check(int argc, char **argv);
int command_backend(int argc, char **argv);
int command_config(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_lookup(int argc, char **argv);

/** Whether the only argument asks for help; then text is printed. */
bool command_wants_help(int argc, char **argv, const char *text);
/** Says what is wrong with the arguments and where help is. Returns COMMAND_USAGE. */
int command_misused(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
