/* delivery_message: a message as it is sent on: our fields, then the spooled bytes but for what the edits change; read piece by piece, in
 * the form that goes on the wire, without the final dot. */
#ifndef PROXY_DELIVERY_MESSAGE_H
#define PROXY_DELIVERY_MESSAGE_H

#include "base/spool.h"
#include "proxy/smtp/message_edit.h"

/** What to send: head, then the spool with the edits (ascending). */
struct delivery_message {
    struct slice head;
    struct spool *spool;
    const struct message_edit *edits;
};

struct delivery_reader {
    const struct delivery_message *message;
    size_t head_read;
    uint64_t offset;                 /* into the spool */
    const struct message_edit *edit; /* the next one */
};

void delivery_reader_init(struct delivery_reader *r, const struct delivery_message *message);
/** The next piece, valid until the next call on this spool; may be empty. Anything but SPOOL_OK: the spool could not be read. */
enum spool_status delivery_reader_next(struct delivery_reader *r, struct slice *piece);
/** Whether the piece was the last one. */
bool delivery_reader_done(const struct delivery_reader *r);

#endif
