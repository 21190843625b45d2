/* policy_text: rows of the policy language's tables in words. Used by page_policy.c and topic.c. Appends to out. */
#ifndef PROXY_POLICY_TEXT_H
#define PROXY_POLICY_TEXT_H

#include "base/buf.h"
#include "policy/policy_words.h"

/** "stages rcpt and data; with to (required); goes on" */
void policy_text_action(struct buf *out, const struct policy_action_word *action);
/** "required; enforce or shadow" */
void policy_text_key(struct buf *out, const struct policy_key_word *key);
/** "of text, domain, mailbox and list" */
void policy_text_operator(struct buf *out, const struct policy_operator_word *op);
/** "word, from stage rcpt" */
void policy_text_fact(struct buf *out, const struct fact_def *def);
/** The fact's meaning and the words it can be; off: the filter that publishes it but is off by default, or NULL. */
void policy_text_fact_doc(struct buf *out, const struct fact_def *def, const char *off);

#endif
