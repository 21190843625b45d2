/* command: what all subcommands share. See command.h. */
#include "proxy/command/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool command_wants_help(int argc, char **argv, const char *text)
{
    if (argc != 2 || (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0))
        return false;
    fputs(text, stdout);
    return true;
}

int command_misused(const char *command, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "mailweir %s: ", command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nTry: mailweir %s --help\n", command);
    return COMMAND_USAGE;
}
