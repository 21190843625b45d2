/* log: one record a line, logfmt or JSON, to standard error, a file or syslog.
 *
 * Values are escaped here and nowhere else: no control byte, quote, backslash or non-UTF-8 byte from outside can reach a line
 * raw. Records are at most LOG_RECORD_MAX bytes; a longer one is cut and says so (truncated=yes).
 *
 *   struct log_record r;
 *   log_begin(&r, LOG_LEVEL_INFO, "decision");
 *   log_slice(&r, "client.ip", ip);  log_number(&r, "size", n);
 *   log_end(&r); */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"

#include <sys/types.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };
enum { LOG_RECORD_MAX = 16384 };

struct log_options {
    const char *to; /* "stderr", "syslog" or a file's absolute path (opened for append, re-opened by log_reopen) */
    enum log_format format;
    enum log_level level;
};

/** Log files that root creates from now on, here or in log_reopen, belong to this account. Files that exist are never given away. */
void log_set_owner(uid_t uid, gid_t gid);
/** Must be called before privileges are dropped when `to` is a file. False and *error on failure: nothing changed. */
bool log_open(const struct log_options *options, const char **error);
/** Opens the file again by its name, after rotation. */
void log_reopen(void);
void log_close(void);

struct log_record {
    struct buf line;
    bool wanted;    /* the level is enabled */
    bool truncated; /* something did not fit */
    enum log_level level;
};

/** Starts a record with time, level, pid and event. event: a short constant word such as "session" or "backend.down". */
void log_begin(struct log_record *r, enum log_level level, const char *event);
void log_slice(struct log_record *r, const char *key, struct slice value);
void log_text(struct log_record *r, const char *key, const char *value);
void log_number(struct log_record *r, const char *key, int64_t value);
/** Writes the line with one write(2) and frees the record. */
void log_end(struct log_record *r);
/** begin, pairs of text key and text value up to NULL, end. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

/** Appends value to out as logfmt would show it: bare if it is plain, else quoted and escaped. For replies and reports too. */
void log_escape(struct buf *out, struct slice value);

#endif
