/* rehearsal_changes: what of a message, and of whom it is for, would be changed on its way to the backend. Pure. */
#ifndef PROXY_REHEARSAL_CHANGES_H
#define PROXY_REHEARSAL_CHANGES_H

#include "proxy/offline/rehearsal.h"

/** Writes out->removed, out->changed and out->delivered_to. wire: the message as it was received. */
void rehearsal_note_changes(struct rehearsal *out, struct tx *tx, const struct decision *decision, struct slice wire, struct arena *arena);

#endif
