/* field: the header fields that rules add (`header: {X-Spam-Hint: "spf={spf}"}`) and remove (`names: [X-Spam-*]`). */
#ifndef POLICY_RULES_FIELD_H
#define POLICY_RULES_FIELD_H

#include "policy/rules/effect.h"

enum { HEADER_FIELD_MAX = 76 };

/** Reads the mapping of names to templates. NULL after errors were noted. */
struct rule_effect *field_load_added(struct policy_loader *l, const struct conf_node *node);
/** Reads one name or a list of them, each perhaps with a final "*". NULL after errors were noted. */
struct rule_effect *field_load_removed(struct policy_loader *l, const struct conf_node *node);

#endif
