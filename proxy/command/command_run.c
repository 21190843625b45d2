/* command_run: `mailweir run`: serve until told to end. */
#include "proxy/command/command.h"
#include "proxy/process/master.h"

#include <string.h>

const char command_run_help[] =
    "Usage: mailweir run [-c FILE]\n"
    "\n"
    "Serves in the foreground until SIGTERM. SIGHUP reads the configuration again: a bad one changes nothing.\n"
    "SIGUSR1 opens the log file again.\n"
    "\n"
    "  -c, --config FILE  the configuration (" COMMAND_CONFIG_PATH ")\n"
    "\n"
    "Exit code: 0 after SIGTERM, 64 for wrong arguments, 71 if a port or the log cannot be opened, 78 for a bad\n"
    "configuration.\n";

int command_run(int argc, char **argv)
{
    const char *path = COMMAND_CONFIG_PATH;
    if (command_wants_help(argc, argv, command_run_help))
        return COMMAND_OK;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-c") != 0 && strcmp(argv[i], "--config") != 0)
            return command_misused("run", "there is no option %s", argv[i]);
        if (++i == argc)
            return command_misused("run", "%s needs a file", argv[i - 1]);
        path = argv[i];
    }
    return master_run(path);
}
