/* target: the mailboxes that redirect, quarantine and add_recipient name. Always literal: nothing from outside gets into them. */
#ifndef POLICY_RULES_TARGET_H
#define POLICY_RULES_TARGET_H

#include "policy/rules/effect.h"

/** Reads one mailbox. False after an error was noted. */
bool target_load(struct policy_loader *l, const struct conf_node *node, struct slice *mailbox);
/** Reads one mailbox or a list of them, one effect each. NULL after errors were noted. */
struct rule_effect *target_load_effects(struct policy_loader *l, const struct conf_node *node);

#endif
