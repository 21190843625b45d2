/* message_edit: what of a message is sent on otherwise than it came. Pure.
 *
 * Everything else goes byte for byte: an edit leaves out a stretch of the spooled (wire) form and puts a text in its place. */
#ifndef PROXY_MESSAGE_EDIT_H
#define PROXY_MESSAGE_EDIT_H

#include "policy/policy.h"
#include "proxy/smtp/message.h"

struct message_edit {
    uint64_t offset, length; /* of what is left out, in wire bytes; length 0: nothing is */
    struct slice text;       /* what stands there instead, as it goes on the wire; may be empty */
    struct message_edit *next;
};

/** In ascending order, none over another: forged fields of ours are left out, and those that remove_header names; the texts of
 *  subject_tag go in front of the first Subject, in the order of their rules. NULL: nothing changes. In arena. */
struct message_edit *message_edit_list(const struct message *m, const struct decision *decision, struct arena *arena);
/** Writes " [one] [two]", folded where a line that holds before bytes already would pass 998 with it, and returns the bytes of its last
 *  line. 0: no rule tags the subject. */
size_t message_edit_add_tags(struct buf *out, const struct decision *decision, size_t before);
/** Whether a Subject of the message is sent on, so that a tag can go there. */
bool message_edit_keeps_subject(const struct message *m, const struct decision *decision);

#endif
