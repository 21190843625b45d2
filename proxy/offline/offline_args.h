/* offline_args: the arguments of the commands that work without a running proxy: lookup and explain. Pure.
 *
 * Options stand as `--name value` or `--name=value`; --rcpt takes every word up to the next option. */
#ifndef PROXY_OFFLINE_ARGS_H
#define PROXY_OFFLINE_ARGS_H

#include "proxy/offline/rehearsal.h"

/** Which options a command knows or needs; all know --config, --dns, --zone and --json. */
enum {
    OFFLINE_IP = 1,
    OFFLINE_HELO = 2,
    OFFLINE_MAIL_FROM = 4,
    OFFLINE_RCPT = 8,
    OFFLINE_LISTENER = 16,
};

struct offline_args {
    const char *config, *dns, *zone, *ip, *helo, *mail_from, *listener; /* NULL: not given */
    const char **rcpts;
    size_t rcpt_count;
    bool json;
};

/** Reads argv[1] and what follows. NULL, or what is wrong, in the arena. */
const char *offline_args_read(int argc, char **argv, unsigned known, unsigned needed, struct arena *arena, struct offline_args *out);
/** Makes the client of a rehearsal of them: what is missing is an unremarkable one. NULL, or what is wrong. */
const char *offline_args_cast(const struct offline_args *args, const struct settings *settings, struct arena *arena,
                              struct rehearsal_script *out);

#endif
