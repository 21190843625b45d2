/* conf_text: the bytes of a configuration file: which may stand there, and how they are shown to people. Pure. */
#ifndef BASE_CONF_TEXT_H
#define BASE_CONF_TEXT_H

#include "base/buf.h"
#include "base/config/conf_error.h"

/** Bytes of the well-formed UTF-8 sequence (RFC 3629 §4) at the start of text; 0: none stands there. */
size_t conf_text_utf8(struct slice text);
/** Appends text so that it can be shown: control bytes and bytes that are no UTF-8 as \xNN, a backslash as it is.
 *  At most max bytes of text are taken; "..." stands for the rest. */
void conf_text_show(struct buf *out, struct slice text, size_t max);
/** Whether text holds a control character (of C0 or C1, DEL). */
bool conf_text_has_control(struct slice text);
/** Notes every byte that may not stand in a configuration: NUL and other control characters, tabs, invalid UTF-8. True: none. */
bool conf_text_check(struct slice text, const char *file, struct conf_errors *errors);

#endif
