/* offline: what lookup and explain share: settings, resolver, the client of the command line, the message on standard input. */
#ifndef PROXY_OFFLINE_H
#define PROXY_OFFLINE_H

#include "proxy/offline/message_file.h"
#include "proxy/offline/offline_args.h"
#include "proxy/offline/report.h"

/** A command of this kind. */
struct offline_command {
    const char *name;           /* "lookup spf"; for messages */
    const char *const *filters; /* NULL-terminated: only these run; NULL: those of the configuration */
    unsigned known, needed;     /* options */
    bool reads_message, judged;
};

/** Runs it: arguments, settings, rehearsal, report on standard output. Returns the exit code. */
int offline_run(const struct offline_command *command, int argc, char **argv);

#endif
