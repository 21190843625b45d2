/* message_head: see message_head.h. */
#include "proxy/smtp/message_head.h"

void message_head_add_marks(struct buf *out, const struct decision *decision)
{
    for (const struct policy_effect *e = decision->effects; e; e = e->next) {
        if (e->action != ACTION_TAG)
            continue;
        buf_add(out, e->name);
        buf_add_text(out, ": ");
        buf_add(out, e->value);
        buf_add_text(out, "\r\n");
    }
    if (decision->action == ACTION_QUARANTINE && !decision->shadowed)
        buf_add_format(out, "X-Mailweir-Quarantine: %s\r\n", decision->rule);
}
