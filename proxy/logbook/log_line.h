/* log_line: a line of our own log (base/log.h) read back: the inverse of its escaping, for logfmt and JSON. Pure.
 *
 * What syslog or the journal put in front is skipped. In JSON a byte that was no UTF-8 stays the text \xXX that stands for it. A line
 * may be hostile like anything else: its size, the number of its pairs and JSON's depth are bounded. */
#ifndef PROXY_LOG_LINE_H
#define PROXY_LOG_LINE_H

#include "base/arena.h"

enum { LOG_LINE_MAX = 64 * 1024, LOG_LINE_PAIRS = 512 };

struct log_pair {
    struct slice key, value;
};

struct log_line {
    const struct log_pair *pairs;
    size_t count;
    bool cut; /* it ended in the middle of a value, or was too long when it was written */
};

/** False: no line of ours. What *out has lives in arena or is a view into line. */
bool log_line_parse(struct slice line, struct arena *arena, struct log_line *out);
/** The value of the first pair of that key; ptr NULL: there is none. */
struct slice log_line_get(const struct log_line *line, const char *key);
/** Whether the key is there with this value. */
bool log_line_is(const struct log_line *line, const char *key, const char *value);
/** A whole number; 0 if there is none. */
int64_t log_line_number(const struct log_line *line, const char *key);

/** log_line_json.c: the part of log_line_parse from the first brace on. */
bool log_line_parse_json(struct slice line, struct arena *arena, struct log_line *out);

#endif
