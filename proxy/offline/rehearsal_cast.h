/* rehearsal_cast: who plays in a rehearsal, from the words that a person writes. They go through the grammar of the session. Pure. */
#ifndef PROXY_REHEARSAL_CAST_H
#define PROXY_REHEARSAL_CAST_H

#include "proxy/offline/rehearsal.h"

/** Fills *out, whose verb is set (EHLO, MAIL or RCPT), from a name or an address; angle brackets may stand around it. NULL, or what is
 *  wrong, in the arena. */
const char *rehearsal_cast_command(const char *value, const struct settings *settings, struct arena *arena, struct smtp_command *out);
/** The listener at this address and port; text NULL: the first one. NULL, or what is wrong. */
const char *rehearsal_cast_listener(const char *text, const struct settings *settings, const struct listener_settings **out);
/** Limits count what they see, and must not count a rehearsal: a filter with limits is turned off. Whether there was one. */
bool rehearsal_leave_out_limits(struct settings *settings);

#endif
