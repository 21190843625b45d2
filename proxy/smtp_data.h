/* smtp_data: the bytes after DATA, up to and without the final dot. Pure.
 *
 * The only place where dots and bare CR or LF exist. Only CRLF.CRLF ends the data (RFC 5321 §4.1.1.4); every other mixture is a
 * violation, whatever a backend would make of it (SMTP smuggling, CVE-2023-51764 and its kin). The state survives any split of
 * the input. After a violation, bytes are still consumed up to CRLF.CRLF so that the session can be answered in order. */
#ifndef PROXY_SMTP_DATA_H
#define PROXY_SMTP_DATA_H

#include "base/slice.h"

enum smtp_data_violation {
    SMTP_DATA_CLEAN,
    SMTP_DATA_BARE_CR,
    SMTP_DATA_BARE_LF,
    SMTP_DATA_NUL,
    SMTP_DATA_LONG_LINE, /* over line_max bytes without CRLF */
};

enum smtp_newline_mode { SMTP_NEWLINE_REJECT, SMTP_NEWLINE_NORMALIZE };

struct smtp_data {
    enum smtp_newline_mode mode;        /* NORMALIZE: a bare CR or LF becomes CRLF in what goes on; it still never ends the data */
    size_t line_max;                    /* 0: no limit; RFC 5321 says 998, real mail does not always */
    int state;                          /* private */
    size_t line_length;                 /* private */
    enum smtp_data_violation violation; /* the first one found */
};

/** What one call of smtp_data_next yields. */
struct smtp_data_run {
    struct slice wire; /* to the backend: dot-stuffed, as it came */
    struct slice text; /* to the filters: the same bytes without the stuffed dot */
    size_t consumed;   /* of the input */
    bool end;          /* the final dot was consumed; wire and text may still hold what came before it */
};

void smtp_data_init(struct smtp_data *d, enum smtp_newline_mode mode, size_t line_max);
/** Takes a run off the input. Call until consumed == 0 (needs more input) or end. wire and text point into the input, or to
 *  static bytes (CR, LF, dot that were held back). Nothing is lost or repeated at any split. */
struct smtp_data_run smtp_data_next(struct smtp_data *d, struct slice input);
const char *smtp_data_violation_text(enum smtp_data_violation v);

#endif
