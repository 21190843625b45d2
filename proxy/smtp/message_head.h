/* message_head: what the policy wants to stand on top of a message. Pure. */
#ifndef PROXY_MESSAGE_HEAD_H
#define PROXY_MESSAGE_HEAD_H

#include "filters/mail.h"
#include "proxy/smtp/message_edit.h"

/** Appends the fields of tag rules, a Subject of the tags if the message is sent on without one of its own and, unless the policy is only
 *  watched, the mark of a quarantined message. A message that goes to another mailbox than its recipients' (decision->to) tells there
 *  whom it was for: its reader has to send it on, and nobody else sees it. */
void message_head_add_marks(struct buf *out, const struct decision *decision, const struct message *message,
                            const struct mail_transaction *tx);

#endif
