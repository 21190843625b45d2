/* message_edit: see message_edit.h. */
#include "proxy/smtp/message_edit.h"

enum { LINE_MAX_BYTES = 998 }; /* RFC 5322 §2.1.1, without CRLF */

/** "X-Spam" names one field, "X-Spam*" all whose name begins so. */
static bool names_field(struct slice pattern, struct slice name)
{
    if (pattern.len && pattern.ptr[pattern.len - 1] == '*')
        return slice_starts_nocase(name, slice_first(pattern, pattern.len - 1));
    return slice_eq_nocase(pattern, name);
}

static bool is_removed(const struct message_field *field, const struct decision *decision)
{
    if (field->forged)
        return true;
    for (const struct policy_effect *e = decision->effects; e; e = e->next)
        if (e->action == ACTION_REMOVE_HEADER && names_field(e->name, field->name))
            return true;
    return false;
}

static bool is_subject(const struct message_field *field)
{
    return slice_eq_nocase(field->name, SLICE("Subject"));
}

/* Adds a blank, or a fold if the line would become too long with what follows. Returns the column. */
static size_t add_gap(struct buf *out, size_t column, size_t follows)
{
    bool fold = column + 1 + follows > LINE_MAX_BYTES;
    buf_add_text(out, fold ? "\r\n " : " ");
    return fold ? 1 : column + 1;
}

size_t message_edit_add_tags(struct buf *out, const struct decision *decision, size_t before)
{
    size_t column = before;
    bool any = false;
    for (const struct policy_effect *e = decision->effects; e; e = e->next) {
        struct slice tag = slice_trim(e->value);
        if (e->action != ACTION_SUBJECT_TAG || tag.len == 0)
            continue;
        column = add_gap(out, column, tag.len) + tag.len;
        buf_add(out, tag);
        any = true;
    }
    return any ? column : 0;
}

/* The blanks between colon and text give way to the tags and one blank; a value that begins on the next line keeps its fold. */
static void tag_subject(struct message_edit *edit, const struct message_field *field, const struct decision *decision, struct arena *arena)
{
    struct buf text = {0};
    size_t column = message_edit_add_tags(&text, decision, field->value_at), rest = field->line_end - field->text_at;
    if (column && rest)
        add_gap(&text, column, rest);
    if (column) {
        edit->offset = field->offset + field->value_at;
        edit->length = field->text_at - field->value_at;
        edit->text = arena_copy(arena, buf_slice(&text));
    }
    buf_release(&text);
}

struct message_edit *message_edit_list(const struct message *m, const struct decision *decision, struct arena *arena)
{
    struct message_edit *first = NULL, **last = &first;
    bool subject = false;
    for (const struct message_field *f = m->fields; f; f = f->next) {
        struct message_edit edit = {.text = SLICE("")};
        if (is_removed(f, decision)) {
            edit.offset = f->offset;
            edit.length = f->length;
        } else if (is_subject(f) && !subject) {
            tag_subject(&edit, f, decision, arena);
            subject = true;
        }
        if (edit.length == 0 && edit.text.len == 0)
            continue;
        *last = arena_alloc(arena, sizeof edit);
        **last = edit;
        last = &(*last)->next;
    }
    return first;
}

bool message_edit_keeps_subject(const struct message *m, const struct decision *decision)
{
    for (const struct message_field *f = m->fields; f; f = f->next)
        if (is_subject(f) && !is_removed(f, decision))
            return true;
    return false;
}
