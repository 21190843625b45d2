/* delivery_message: see delivery_message.h. */
#include "proxy/backend/delivery_message.h"

enum { PIECE_MAX = 64 * 1024 };

void delivery_reader_init(struct delivery_reader *r, const struct delivery_message *message)
{
    *r = (struct delivery_reader){.message = message, .edit = message->edits};
}

/* Takes the edits that stand here: steps over what they leave out. False: one puts a text in its place, *piece. */
static bool step_over_edits(struct delivery_reader *r, struct slice *piece)
{
    while (r->edit && r->edit->offset <= r->offset) {
        const struct message_edit *e = r->edit;
        r->edit = e->next;
        r->offset = e->offset + e->length;
        *piece = e->text;
        if (e->text.len)
            return false;
    }
    return true;
}

enum spool_status delivery_reader_next(struct delivery_reader *r, struct slice *piece)
{
    const struct delivery_message *m = r->message;
    *piece = (struct slice){"", 0};
    if (r->head_read < m->head.len) {
        *piece = slice_skip(m->head, r->head_read);
        r->head_read = m->head.len;
        return SPOOL_OK;
    }
    if (!step_over_edits(r, piece))
        return SPOOL_OK;
    uint64_t room = r->edit ? r->edit->offset - r->offset : PIECE_MAX;
    enum spool_status status = spool_read(m->spool, r->offset, room < PIECE_MAX ? (size_t)room : PIECE_MAX, piece);
    r->offset += piece->len;
    return status;
}

bool delivery_reader_done(const struct delivery_reader *r)
{
    return r->head_read == r->message->head.len && !r->edit && r->offset >= spool_size(r->message->spool);
}
