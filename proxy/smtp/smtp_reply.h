/* smtp_reply: replies read from a backend and written to a client (RFC 5321 §4.2, RFC 2034, RFC 3463). Pure.
 *
 * A backend is not trusted either: what is not exactly a reply is BROKEN, and bytes outside printable ASCII never pass. */
#ifndef PROXY_SMTP_REPLY_H
#define PROXY_SMTP_REPLY_H

#include "base/arena.h"
#include "base/buf.h"

enum {
    SMTP_REPLY_LINE_MAX = 512,       /* bytes with CRLF that we write: RFC 5321 §4.5.3.1.5; longer text is cut */
    SMTP_REPLY_LINE_ACCEPTED = 4096, /* bytes without CRLF that we accept: real servers exceed the 512 */
    SMTP_REPLY_LINES_MAX = 100,
};

/** A complete reply. Lines hold printable bytes only (a tab became a blank, others '?'), without code and separator. */
struct smtp_reply {
    int code;            /* 200..559 */
    size_t count;        /* lines, at least 1 */
    struct slice *lines; /* enhanced status code included as it came, if any; each short enough for SMTP_REPLY_LINE_MAX */
};

enum smtp_reply_status {
    SMTP_REPLY_MORE,     /* the reply goes on */
    SMTP_REPLY_COMPLETE, /* reader->reply is whole */
    SMTP_REPLY_BROKEN,   /* no reply at all: bad code, codes that differ, too many lines, garbage */
};

/** Collects the lines of one reply. */
struct smtp_reply_reader {
    struct arena *arena;
    struct smtp_reply reply;
    size_t line_max; /* bytes of a line's text that are kept; smtp_reply_reader_init sets what a reply of ours may hold */
    size_t room;     /* private */
    bool over;       /* private: COMPLETE or BROKEN was returned */
};

void smtp_reply_reader_init(struct smtp_reply_reader *r, struct arena *arena);
/** What comes next may be a challenge of AUTH, on a line of SASL_LINE_MAX (RFC 4954 §4). */
void smtp_reply_reader_widen(struct smtp_reply_reader *r);
/** One line without CRLF. After COMPLETE or BROKEN call init before the next reply; until then every line is BROKEN. */
enum smtp_reply_status smtp_reply_feed(struct smtp_reply_reader *r, struct slice line);
/** Appends the reply as it goes on the wire, "250-...\r\n250 ...\r\n". */
void smtp_reply_format(const struct smtp_reply *reply, struct buf *out);
/** A reply of ours: one line, "550 5.7.1 text". Enhanced code and text are sanitised to printable ASCII and cut to what a line
 *  may hold; enhanced may be NULL. */
void smtp_reply_make(struct buf *out, int code, const char *enhanced, struct slice text);
/** The enhanced status code at the start of a line ("5.7.1"), or empty. */
struct slice smtp_reply_enhanced(struct slice line);

#endif
