/* smtp_data: the bytes after DATA, up to and without the final dot. Pure.
 *
 * The only place where dots and bare CR or LF exist. Only CRLF.CRLF ends the data (RFC 5321 §4.1.1.4); every other mixture is a
 * violation, whatever a backend would make of it (SMTP smuggling, CVE-2023-51764 and its kin). The state survives any split of
 * the input. After a violation, bytes are still consumed up to CRLF.CRLF so that the session can be answered in order, but
 * nothing more goes out: such a message is refused.
 *
 * The start of the data counts as the start of a line: ".CRLF" alone is an empty message. What goes out ends with CRLF, or is
 * empty; the caller sends ".CRLF" behind it. */
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
    enum smtp_data_violation violation; /* the first one found; in NORMALIZE, bare newlines are none */
    bool repaired;                      /* NORMALIZE: a bare newline was made CRLF */
    /* private */
    int state;
    size_t line_length;                /* of text, without CR, LF and stuffed dot */
    char wire_bytes[8], text_bytes[8]; /* what step() yields */
};

/** What one call of smtp_data_next yields. */
struct smtp_data_run {
    struct slice wire; /* to the backend: dot-stuffed, as it came */
    struct slice text; /* to the filters: the same bytes without the stuffed dots */
    size_t consumed;   /* of the input */
    bool end;          /* the final dot was consumed; wire and text may still hold what came before it */
};

void smtp_data_init(struct smtp_data *d, enum smtp_newline_mode mode, size_t line_max);
/** Takes a run off the input: many lines at once where nothing intervenes. Call until consumed == 0, which happens only with
 *  empty input, or until end. wire and text point into the input or into *d, and are valid until the next call. Nothing is
 *  lost or repeated at any split; unstuffing all of wire gives all of text. */
struct smtp_data_run smtp_data_next(struct smtp_data *d, struct slice input);
/** What to tell the client, without code; "" for SMTP_DATA_CLEAN. */
const char *smtp_data_violation_text(enum smtp_data_violation v);

#endif
