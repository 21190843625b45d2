/* message_head: see message_head.h. */
#include "proxy/smtp/message_head.h"

enum { RCPTS_SHOWN = 100, RCPT_BYTES_SHOWN = 320 };

static void add_field(struct buf *out, struct slice name, struct slice value)
{
    buf_add(out, name);
    buf_add_text(out, ": ");
    buf_add(out, value);
    buf_add_text(out, "\r\n");
}

static void add_subject(struct buf *out, const struct decision *decision)
{
    struct slice name = SLICE("Subject:");
    struct buf tags = {0};
    if (message_edit_add_tags(&tags, decision, name.len)) {
        buf_add(out, name);
        buf_add(out, buf_slice(&tags));
        buf_add_text(out, "\r\n");
    }
    buf_release(&tags);
}

static void add_mailbox(struct buf *out, struct slice mailbox)
{
    mailbox = slice_first(mailbox, RCPT_BYTES_SHOWN);
    for (size_t i = 0; i < mailbox.len; i++)
        buf_add_byte(out, mailbox.ptr[i] >= 32 && mailbox.ptr[i] < 127 ? mailbox.ptr[i] : '?');
}

static void add_original_to(struct buf *out, const struct mail_transaction *tx)
{
    buf_add_text(out, "X-Mailweir-Original-To: <");
    for (size_t i = 0; i < tx->rcpt_count && i < RCPTS_SHOWN; i++) {
        buf_add_text(out, i ? ">,\r\n\t<" : "");
        add_mailbox(out, tx->rcpts[i].text);
    }
    buf_add_text(out, ">");
    if (tx->rcpt_count > RCPTS_SHOWN)
        buf_add_format(out, "\r\n\t(and %zu more)", tx->rcpt_count - RCPTS_SHOWN);
    buf_add_text(out, "\r\n");
}

void message_head_add_marks(struct buf *out, const struct decision *decision, const struct message *message,
                            const struct mail_transaction *tx)
{
    for (const struct policy_effect *e = decision->effects; e; e = e->next)
        if (e->action == ACTION_TAG)
            add_field(out, e->name, e->value);
    if (decision->action == ACTION_QUARANTINE && !decision->shadowed)
        add_field(out, SLICE("X-Mailweir-Quarantine"), slice_of(decision->rule));
    if (decision->to.len && !decision->shadowed)
        add_original_to(out, tx);
    if (!message_edit_keeps_subject(message, decision))
        add_subject(out, decision);
}
