/* message: the header section of a message as it streams by: where its fields stand, forged ones marked. Pure.
 *
 * Offsets are into the spooled (wire) form, so that the proxy can send everything but what message_edit.h changes.
 *
 * The section ends at the first empty line, at the end of the message, or at a line that is no field: that line begins the
 * body, as Postfix and Exim have it. The same holds for an mbox line ("From joe ...") at the top: since our own trace fields
 * come to stand above it, no backend will take it for anything else. Every byte counts for the limits, whatever it is. */
#ifndef PROXY_MESSAGE_H
#define PROXY_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "filters/mail.h"

/** Where a header field stands. */
struct message_field {
    struct slice name;
    uint64_t offset, length; /* of the whole field with its final CRLF, in wire bytes */
    size_t value_at;         /* from offset: the byte behind the colon */
    size_t text_at;          /* from offset: the first byte behind the colon that is no blank, or the end of the first line */
    size_t line_end;         /* from offset: the end of the first line, without its CRLF */
    bool forged;             /* an Authentication-Results, or a mark, that only we may have written */
    struct message_field *next;
};

struct message {
    struct arena *arena;
    const char *authserv_id;                                      /* NULL: no Authentication-Results field is ours */
    size_t header_max;                                            /* bytes of the header section, without the empty line */
    size_t fields_max;                                            /* number of fields */
    void (*on_field)(void *ctx, const struct mail_header *field); /* every field, forged ones included; may be NULL */
    void (*on_end)(void *ctx); /* end of header section, once; also for a message without body; may be NULL */
    void *ctx;

    bool in_body;
    bool too_large; /* header_max or fields_max passed: 552 5.3.4; the rest is not parsed */
    bool malformed; /* the section ended at a line that is no field (RFC 5322 §2.1): no sane sender does that */
    struct message_field *fields, **fields_last; /* in order */
    size_t field_count, received_count, from_count;
    /* private */
    struct buf field; /* the field being collected, unstuffed; belongs to the arena */
    uint64_t wire_offset, field_start;
    size_t header_bytes; /* of text, so far */
    bool stuffed;        /* the field's first line has one dot more on the wire (RFC 5321 §4.5.2) */
    bool in_line;        /* not at the start of a line */
    bool first_line;     /* the line being collected is the first one of its field */
    bool ended;          /* on_end was called */
};

/** m must live until the arena is cleared or freed. */
void message_init(struct message *m, struct arena *arena, const char *authserv_id, size_t header_max, size_t fields_max,
                  void (*on_field)(void *ctx, const struct mail_header *field), void (*on_end)(void *ctx), void *ctx);
/** Feeds a run from smtp_data. Returns the part of text that belongs to the body; it may begin with bytes of earlier runs and
 *  is valid until the next call. Empty once too_large is set. */
struct slice message_feed(struct message *m, struct slice wire, struct slice text);
/** The message is over (final dot). Returns body bytes that were still held back: a last line without line end, that is no field. */
struct slice message_finish(struct message *m);

#endif
