/* command_explain: `mailweir explain`: what would become of this message from this client, and why. */
#include "proxy/command/command.h"
#include "proxy/offline/offline.h"

const char command_explain_help[] =
    "Usage: mailweir explain --ip IP --helo NAME --mail-from ADDRESS --rcpt ADDRESS... [OPTIONS] < MESSAGE\n"
    "       mailweir explain --session-log FILE... --session ID [--tx N] [-c FILE] [--json]\n"
    "\n"
    "Plays a whole session with the message on standard input: the filters, the policy and the resolver are\n"
    "those of the proxy. Prints each reply that the client would get, each rule that was tried and what\n"
    "settled it, every fact, the fields that would be added, and every DNS answer used. Nothing is delivered,\n"
    "and nothing is remembered: rate limits are left out.\n"
    "\n"
    "  --ip IP              the client's address\n"
    "  --helo NAME          what it says in EHLO\n"
    "  --mail-from ADDRESS  the reverse-path; \"<>\" for bounces\n"
    "  --rcpt ADDRESS...    the recipients, one or more\n"
    "  --listener IP:PORT   the listener whose policy judges (the first one)\n"
    "  -c, --config FILE    the configuration (" COMMAND_CONFIG_PATH " if it is there, else built-in defaults)\n"
    "  --dns IP[@PORT]      ask this resolver instead of the configured ones\n"
    "  --zone FILE          answers from this file, lines such as: example.com. TXT \"v=spf1 -all\"\n"
    "                       Without --dns other names do not exist.\n"
    "  --json               one JSON object instead of text\n"
    "\n"
    "With --session-log, decisions of a session that stand in the log are explained again, from the facts that\n"
    "were logged with them, under the configuration as it is now; and it is said whether they come out as then.\n"
    "\n"
    "  --session-log FILE...  the log; - is standard input\n"
    "  --session ID           the session, as session= names it\n"
    "  --tx N                 this transaction of it only\n"
    "\n"
    "Exit code: 0 whatever is decided, 1 if the log has no such decision, 64 for wrong arguments, 66 if the\n"
    "message or the log cannot be read, 78 for a bad configuration.\n";

int command_explain(int argc, char **argv)
{
    static const struct offline_command command = {
        .name = "explain",
        .known = OFFLINE_IP | OFFLINE_HELO | OFFLINE_MAIL_FROM | OFFLINE_RCPT | OFFLINE_LISTENER,
        .needed = OFFLINE_IP | OFFLINE_HELO | OFFLINE_MAIL_FROM | OFFLINE_RCPT,
        .reads_message = true,
        .judged = true,
    };
    if (command_wants_help(argc, argv, command_explain_help))
        return COMMAND_OK;
    return command_explains_log(argc, argv) ? command_explain_log(argc, argv) : offline_run(&command, argc, argv);
}
