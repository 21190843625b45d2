/* command_run: `mailweir run`: serve until told to end. */
#include "proxy/command/command.h"
#include "proxy/process/master.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_USAGE = 64 };

static const char usage[] = "Usage: mailweir run [-c FILE]\n"
                            "Serves in the foreground until SIGTERM; SIGHUP reads the configuration again.\n"
                            "  -c FILE   the configuration (default: /etc/mailweir/mailweir.yaml)\n";

int command_run(int argc, char **argv)
{
    const char *path = "/etc/mailweir/mailweir.yaml";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        if (strcmp(argv[i], "-c") != 0 || i + 1 == argc) {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
        path = argv[++i];
    }
    return master_run(path);
}
