/* message: the header section of a message as it streams by: fields found, forged ones marked. Pure.
 *
 * Offsets are into the spooled (wire) form, so that the proxy can send everything but the marked ranges. */
#ifndef PROXY_MESSAGE_H
#define PROXY_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "filters/mail.h"

struct message_range {
    uint64_t offset, length; /* of a whole field with its final CRLF, in wire bytes */
    struct message_range *next;
};

struct message {
    struct arena *arena;
    const char *authserv_id;
    size_t header_max; /* bytes of the header section */
    size_t fields_max; /* number of fields */
    void (*on_field)(void *ctx, const struct mail_header *field);
    void (*on_end)(void *ctx); /* end of header section, once; also for a message without body */
    void *ctx;

    bool in_body;
    bool too_large; /* header_max or fields_max passed: 552 5.3.4; the rest is not parsed */
    struct message_range *forged,
        **forged_last; /* fields to leave out when sending: forged Authentication-Results of ours, forged marks of ours */
    size_t field_count, received_count, from_count;
    /* private */
    struct buf field; /* the field being collected, unstuffed */
    uint64_t wire_offset, field_start;
};

void message_init(struct message *m, struct arena *arena, const char *authserv_id, size_t header_max, size_t fields_max,
                  void (*on_field)(void *ctx, const struct mail_header *field), void (*on_end)(void *ctx), void *ctx);
/** Feeds a run from smtp_data. Returns the part of text that belongs to the body. */
struct slice message_feed(struct message *m, struct slice wire, struct slice text);
/** A field's value on one line: folding removed, blanks at both ends trimmed, control bytes replaced by '?'. */
struct slice message_unfold(struct slice value, struct arena *arena);
/** The message is over (final dot). */
void message_finish(struct message *m);

#endif
