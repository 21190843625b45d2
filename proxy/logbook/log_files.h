/* log_files: reads log files line by line, whatever their size: only one line is in memory at a time. */
#ifndef PROXY_LOG_FILES_H
#define PROXY_LOG_FILES_H

#include "proxy/logbook/log_line.h"

struct log_files_read {
    uint64_t lines;   /* in all */
    uint64_t foreign; /* not ours, or spoilt */
};

/** Told of each line of ours; the line is valid during the call. */
typedef void (*log_files_fn)(void *ctx, const struct log_line *line);

/** Reads them in this order; "-" is standard input. False: errno and *failed say what could not be read. */
bool log_files_read(const char *const *paths, log_files_fn fn, void *ctx, struct log_files_read *read, const char **failed);

#endif
