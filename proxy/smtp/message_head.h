/* message_head: what the policy wants to stand on top of a message. Pure. */
#ifndef PROXY_MESSAGE_HEAD_H
#define PROXY_MESSAGE_HEAD_H

#include "base/buf.h"
#include "policy/policy.h"

/** Appends the fields of tag rules and, unless the policy is only watched, the mark of a quarantined message. */
void message_head_add_marks(struct buf *out, const struct decision *decision);

#endif
