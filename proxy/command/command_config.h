/* command_config: the parts of `mailweir config`. Each gets the arguments from its own name on and returns an exit code. */
#ifndef PROXY_COMMAND_CONFIG_H
#define PROXY_COMMAND_CONFIG_H

#include <stdbool.h>

int config_completion(int argc, char **argv);
int config_defaults(int argc, char **argv);
int config_facts(int argc, char **argv);
int config_help(int argc, char **argv);
int config_reference(int argc, char **argv);
int config_schema(int argc, char **argv);
int config_show(int argc, char **argv);

struct config_arguments {
    const char *path;    /* of -c, --config; NULL: not given */
    bool all, json, man; /* --all, --json, --man */
    const char *name;    /* the only argument that is no option; NULL: not given */
};
enum { CONFIG_PATH = 1, CONFIG_ALL = 2, CONFIG_JSON = 4, CONFIG_MAN = 8, CONFIG_NAME = 16 };

/** Reads arguments of which those in known may be given. False after saying what is wrong: the exit code is COMMAND_USAGE. */
bool config_arguments_read(int argc, char **argv, unsigned known, struct config_arguments *out);

#endif
