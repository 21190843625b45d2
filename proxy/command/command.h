/* command: the subcommands of the program. Each gets its own argv (argv[0] is its name) and returns the process's exit code.
 * Results go to standard output, errors and warnings about them to standard error. A new one is a row in command_table.c. */
#ifndef PROXY_COMMAND_H
#define PROXY_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

/** Exit codes, as in sysexits.h. */
enum { COMMAND_OK = 0, COMMAND_USAGE = 64, COMMAND_UNAVAILABLE = 69, COMMAND_CONFIG = 78 };

/** The configuration that commands use if none is named. */
#define COMMAND_CONFIG_PATH "/etc/mailweir/mailweir.yaml"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary; /* half a sentence */
    const char *help;    /* what --help prints: "Usage: mailweir NAME ...", an empty line, the text */
};

/** All there are; ends with a row whose name is NULL. */
extern const struct command command_table[];
/** NULL: there is none of that name. */
const struct command *command_find(const char *name);
/** The name most like this one, for "did you mean"; or NULL. */
const char *command_nearest(const char *name);
/** What `mailweir --help` prints. */
void command_print_overview(FILE *out);
/** `mailweir ARGUMENTS...`: finds the subcommand and runs it. */
int command_main(int argc, char **argv);

int command_run(int argc, char **argv);
int command_check(int argc, char **argv);
int command_backend(int argc, char **argv);
int command_config(int argc, char **argv);
int command_explain(int argc, char **argv);
/** Whether a logged session is to be explained; that is: */
bool command_explains_log(int argc, char **argv);
int command_explain_log(int argc, char **argv);
int command_lookup(int argc, char **argv);
int command_shadow(int argc, char **argv);
int command_status(int argc, char **argv);
int command_test(int argc, char **argv);
int command_state(int argc, char **argv);

extern const char command_run_help[];
extern const char command_check_help[];
extern const char command_backend_help[];
extern const char command_config_help[];
extern const char command_explain_help[];
extern const char command_lookup_help[];
extern const char command_shadow_help[];
extern const char command_status_help[];
extern const char command_test_help[];
extern const char command_state_help[];

/** Whether the only argument asks for help; then text is printed. */
bool command_wants_help(int argc, char **argv, const char *text);
/** Says what is wrong with the arguments and where help is. Returns COMMAND_USAGE. */
int command_misused(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
