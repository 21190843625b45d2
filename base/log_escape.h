/* log_escape: text from outside made fit for a log line. Pure.
 *
 * Valid UTF-8 stays as it is, but for what could fool a terminal or a reader: control characters, C1 controls, line separators
 * and marks that change the direction of writing. logfmt: bare if plain, else in quotes with \" \\ \n \r \t, \uXXXX for a
 * character and \xXX for a byte that is no UTF-8. JSON: the same, but such a byte becomes the text \xXX. */
#ifndef BASE_LOG_ESCAPE_H
#define BASE_LOG_ESCAPE_H

#include "base/log.h"

/** Appends value, with quotes where the format wants them, but no more than room bytes. False: it was cut to fit; what was
 *  written is complete in itself. room under 2: nothing is written. */
bool log_escape_value(struct buf *out, enum log_format format, struct slice value, size_t room);

#endif
