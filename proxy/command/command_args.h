/* command_args: options of a subcommand as `--name value` or `--name=value`, read by a table. Pure. */
#ifndef PROXY_COMMAND_ARGS_H
#define PROXY_COMMAND_ARGS_H

#include "base/arena.h"

struct command_option {
    const char *name;
    const char **value; /* where its value goes; it may be given once. Or: */
    bool *flag;         /* it has no value. Or: */
    const char ***list; /* it takes every word up to the next option; *list ends with NULL */
};

/** Reads argv[1] and what follows; options ends with a NULL name, and --config has the short form -c. NULL, or what is wrong, in the
 *  arena. */
const char *command_args_read(int argc, char **argv, const struct command_option *options, struct arena *arena);

#endif
