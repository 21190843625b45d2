/* reply: the reply of a refusing rule: "550 5.7.1 text with {facts}".
 *
 * The code's class must be the action's (5xx reject, 4xx tempfail, either disconnect; RFC 5321 §4.2.1), the enhanced code's class
 * the code's (RFC 3463 §2, RFC 2034). 421 announces that the connection closes (RFC 5321 §3.8): it is for disconnect, and for stage
 * connect, where besides it only 554 and 521 can stand (RFC 5321 §3.1, RFC 7504). Enhanced code and text may be left out. */
#ifndef POLICY_RULES_REPLY_H
#define POLICY_RULES_REPLY_H

#include "policy/policy.h"
#include "policy/rules/template.h"

enum { REPLY_TEXT_MAX = 400 };

struct reply {
    int code;              /* 0: none */
    struct slice enhanced; /* "5.7.1" */
    struct template text;
};

/** Whether the action refuses, and so has a reply. */
bool reply_needed(enum action action);
/** The reply of a rule without one: it names the rule. */
struct reply reply_default(enum action action, enum stage stage, const char *rule, struct arena *arena);
/** Reads node over *out, which holds the default; the action must be one that refuses. Errors are noted. */
void reply_load(struct policy_loader *l, const struct conf_node *node, enum action action, struct reply *out);

#endif
