/* command_lookup: `mailweir lookup spf|dkim|dmarc`: one check alone, without policy. */
#include "proxy/command/command.h"
#include "proxy/offline/offline.h"

#include <stdio.h>

const char command_lookup_help[] =
    "Usage: mailweir lookup spf   --ip IP --helo NAME --mail-from ADDRESS [OPTIONS]\n"
    "       mailweir lookup dkim  [OPTIONS] < MESSAGE\n"
    "       mailweir lookup dmarc --ip IP --helo NAME --mail-from ADDRESS [--rcpt ADDRESS] [OPTIONS] < MESSAGE\n"
    "\n"
    "Makes one check exactly as the proxy makes it, and prints the facts that it finds, its part of\n"
    "Authentication-Results, and every DNS answer used. dmarc checks SPF and DKIM, too.\n"
    "\n"
    "  --ip IP              the client's address\n"
    "  --helo NAME          what it says in EHLO\n"
    "  --mail-from ADDRESS  the reverse-path; \"<>\" for bounces\n"
    "  --rcpt ADDRESS       a recipient; no check depends on it\n"
    "  -c, --config FILE    the configuration (" COMMAND_CONFIG_PATH " if it is there, else built-in defaults)\n"
    "  --dns IP[@PORT]      ask this resolver instead of the configured ones\n"
    "  --zone FILE          answers from this file, lines such as: example.com. TXT \"v=spf1 -all\"\n"
    "                       Without --dns other names do not exist.\n"
    "  --json               one JSON object instead of text\n"
    "\n"
    "Exit code: 0 whatever is found, 64 for wrong arguments, 66 if the message cannot be read, 78 for a bad\n"
    "configuration.\n";

static const char *const spf_filters[] = {"spf", NULL};
static const char *const dkim_filters[] = {"dkim", NULL};
static const char *const dmarc_filters[] = {"spf", "dkim", "dmarc", NULL};

enum { CLIENT = OFFLINE_IP | OFFLINE_HELO | OFFLINE_MAIL_FROM };

static const struct offline_command checks[] = {
    {.name = "lookup spf", .filters = spf_filters, .known = CLIENT, .needed = CLIENT},
    {.name = "lookup dkim", .filters = dkim_filters, .reads_message = true},
    {.name = "lookup dmarc", .filters = dmarc_filters, .known = CLIENT | OFFLINE_RCPT, .needed = CLIENT, .reads_message = true},
};

int command_lookup(int argc, char **argv)
{
    if (command_wants_help(argc, argv, command_lookup_help))
        return COMMAND_OK;
    if (argc < 2)
        return command_misused("lookup", "say what: spf, dkim or dmarc");
    if (command_wants_help(argc - 1, argv + 1, command_lookup_help))
        return COMMAND_OK;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (strcmp(argv[1], checks[i].name + strlen("lookup ")) == 0)
            return offline_run(&checks[i], argc - 1, argv + 1);
    return command_misused("lookup", "there is no check \"%s\"; there are spf, dkim and dmarc", argv[1]);
}
