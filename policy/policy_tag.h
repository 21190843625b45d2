/* policy_tag: the header fields that a tag rule adds: `header: {X-Spam-Hint: "spf={spf}"}`. */
#ifndef POLICY_POLICY_TAG_H
#define POLICY_POLICY_TAG_H

#include "policy/policy_template.h"

enum { TAG_NAME_MAX = 64, TAG_VALUE_MAX = 900 }; /* together under the 998 bytes of a line (RFC 5322 §2.1.1) */

struct tag_header {
    struct slice name;
    struct template value;
    struct tag_header *next;
};

/** Reads the mapping of names to templates. NULL after errors were noted. */
struct tag_header *tag_load(struct policy_loader *l, const struct conf_node *node);

#endif
