/* smtp_reply: replies read from a backend and written to a client (RFC 5321 §4.2, RFC 2034, RFC 3463). Pure. */
#ifndef PROXY_SMTP_REPLY_H
#define PROXY_SMTP_REPLY_H

#include "base/arena.h"
#include "base/buf.h"

enum { SMTP_REPLY_LINE_MAX = 512, SMTP_REPLY_LINES_MAX = 100 };

/** A complete reply. Lines hold printable bytes only (others became '?'), without code and separator. */
struct smtp_reply {
    int code;            /* 200..599 */
    size_t count;        /* lines, at least 1 */
    struct slice *lines; /* enhanced status code included as it came, if any */
};

enum smtp_reply_status {
    SMTP_REPLY_MORE,     /* the reply goes on */
    SMTP_REPLY_COMPLETE, /* *reader->reply is whole */
    SMTP_REPLY_BROKEN,   /* no reply at all: bad code, codes that differ, too many lines, garbage */
};

/** Collects the lines of one reply. */
struct smtp_reply_reader {
    struct arena *arena;
    struct smtp_reply reply;
    size_t room;
};

void smtp_reply_reader_init(struct smtp_reply_reader *r, struct arena *arena);
/** One line without CRLF. After COMPLETE or BROKEN call init before the next reply. */
enum smtp_reply_status smtp_reply_feed(struct smtp_reply_reader *r, struct slice line);
/** Appends the reply as it goes on the wire, "250-...\r\n250 ...\r\n". */
void smtp_reply_format(const struct smtp_reply *reply, struct buf *out);
/** A reply of ours: one line, "550 5.7.1 text". text is sanitised to printable ASCII; enhanced may be NULL. */
void smtp_reply_make(struct buf *out, int code, const char *enhanced, struct slice text);
/** The enhanced status code at the start of a line ("5.7.1"), or empty. */
struct slice smtp_reply_enhanced(struct slice line);

#endif
