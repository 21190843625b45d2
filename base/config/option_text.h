/* option_text: rows of an option table in words: what a value is, its range. Used by option_print.c and option_help.c. */
#ifndef BASE_OPTION_TEXT_H
#define BASE_OPTION_TEXT_H

#include "base/buf.h"
#include "base/config/option.h"

/** A row with an empty key is no option (see option.h). */
bool option_is_shown(const struct option *row);
bool option_is_list(const struct option *row);
bool option_has_range(const struct option *row);
/** "a duration with a unit (500ms, 30s, 5m, 1h, 7d)", "auto, xclient or none" */
void option_add_type(struct buf *out, const struct option *row);
/** "1s to 1h" */
void option_add_range(struct buf *out, const struct option *row);
/** A value of a scalar row's type, for an option that has no default. */
const char *option_example(const struct option *row);
/** Prints text in lines of at most width bytes if its words allow it, each line beginning with mark. */
void option_print_wrapped(FILE *out, const char *mark, struct slice text, size_t width);
/** Prints a label, indented, in a column of that many bytes, and beside it text, wrapped to lines of width bytes. */
void option_print_beside(FILE *out, unsigned indent, const char *label, unsigned column, struct slice text, size_t width);

#endif
