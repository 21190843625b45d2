/* rehearsal_changes: see rehearsal_changes.h. */
#include "proxy/offline/rehearsal_changes.h"

/* The line that the edit stands in, up to the end of the line behind it. */
static struct slice edited_line(const struct message_edit *edit, struct slice wire, struct arena *arena)
{
    struct slice before = slice_first(wire, (size_t)edit->offset), rest = slice_skip(wire, (size_t)(edit->offset + edit->length));
    ptrdiff_t start = slice_last_index(before, '\n'), end = slice_index(rest, '\n');
    struct buf line = {0};
    buf_add(&line, slice_skip(before, (size_t)(start + 1)));
    buf_add(&line, edit->text);
    buf_add(&line, end < 0 ? rest : slice_first(rest, (size_t)end));
    struct slice text = arena_copy(arena, slice_trim(buf_slice(&line)));
    buf_release(&line);
    return text;
}

static struct rehearsal_field *new_field(struct slice text, struct arena *arena)
{
    struct rehearsal_field *field = arena_alloc(arena, sizeof *field);
    field->field = text;
    return field;
}

static void note_edits(struct rehearsal *out, const struct message_edit *edits, struct slice wire, struct arena *arena)
{
    struct rehearsal_field **removed = &out->removed, **changed = &out->changed;
    for (const struct message_edit *e = edits; e; e = e->next) {
        if (e->text.len) {
            *changed = new_field(edited_line(e, wire, arena), arena);
            changed = &(*changed)->next;
        } else {
            *removed = new_field(arena_copy(arena, slice_first(slice_skip(wire, (size_t)e->offset), (size_t)e->length)), arena);
            removed = &(*removed)->next;
        }
    }
}

static void note_delivery(struct rehearsal *out, const struct tx *tx, struct arena *arena)
{
    const struct delivery_envelope *e = &tx->envelope;
    struct buf list = {0};
    for (size_t i = 0; tx_goes_elsewhere(tx) && i < e->count; i++)
        buf_add_format(&list, "%s<%.*s>", i ? ", " : "", SLICE_FMT(e->rcpts[i].path.text));
    out->delivered_to = arena_copy(arena, buf_slice(&list));
    buf_release(&list);
}

void rehearsal_note_changes(struct rehearsal *out, struct tx *tx, const struct decision *decision, struct slice wire, struct arena *arena)
{
    note_edits(out, message_edit_list(&tx->message, decision, arena), wire, arena);
    if (!out->passed_on)
        return;
    tx_plan_message(tx, decision);
    note_delivery(out, tx, arena);
}
