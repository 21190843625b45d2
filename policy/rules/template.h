/* template: text with {facts}: "{client.ip} is not allowed to send for {mail_from.domain}". "{{" and "}}" are braces.
 *
 * Short names: {retry_after} means rate.retry_after if that is the only fact with this last part. The template's own bytes are
 * printable ASCII. A value from outside is made so: any other byte, and < and >, become "?", so that it can neither start a
 * line nor pass for an address of ours; it is cut at TEMPLATE_VALUE_MAX. An absent fact reads "unknown".
 * {help_url} is the option of that name. */
#ifndef POLICY_RULES_TEMPLATE_H
#define POLICY_RULES_TEMPLATE_H

#include "base/config/conf_node.h"
#include "filters/facts.h"

enum { TEMPLATE_VALUE_MAX = 128 };

struct template_part {
    struct slice literal;
    int fact; /* -1: the literal */
    struct template_part *next;
};

struct template
{
    struct template_part *first;
};

struct policy_loader;

/** Reads text, which stands in node. False after errors were noted. max: bytes; the literal parts alone must stay within. */
bool template_load(struct policy_loader *l, const struct conf_node *node, struct slice text, size_t max, struct template *out);
/** A template of one literal part, sanitised; kept in arena. */
struct template template_literal(struct slice text, struct arena *arena);
/** A template of one literal part as it is. text is kept by reference. */
struct template template_verbatim(struct slice text, struct arena *arena);
/** At most max bytes of printable ASCII, in arena. */
struct slice template_render(const struct template *t, const struct facts *facts, size_t max, struct arena *arena);

#endif
