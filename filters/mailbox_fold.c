/* mailbox_fold: see mailbox_fold.h. */
#include "filters/mailbox_fold.h"

struct slice mailbox_fold(struct slice mailbox, char out[MAILBOX_FOLD_MAX])
{
    size_t n = 0;
    bool quoted = mailbox.len > 0 && mailbox.ptr[0] == '"';
    for (size_t i = quoted ? 1 : 0; i < mailbox.len && n < MAILBOX_FOLD_MAX; i++) {
        char c = mailbox.ptr[i];
        if (quoted && c == '"') {
            quoted = false;
            continue;
        }
        if (quoted && c == '\\' && i + 1 < mailbox.len)
            c = mailbox.ptr[++i];
        out[n++] = ascii_lower(c);
    }
    return slice_make(out, n);
}

struct slice mailbox_domain(struct slice mailbox)
{
    ptrdiff_t at = slice_last_index(mailbox, '@');
    return at < 0 ? SLICE("") : slice_skip(mailbox, (size_t)at + 1);
}
