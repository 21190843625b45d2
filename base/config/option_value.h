/* option_value: the text of one scalar becomes a typed value, or a sentence that says why not. Pure. Used by option.c. */
#ifndef BASE_OPTION_VALUE_H
#define BASE_OPTION_VALUE_H

#include "base/config/option.h"

/** Parses text by the row's type, checks its range and stores the value at *at. NULL: good; else what is wrong, such as
 *  "must be a duration with a unit, not \"5\"; did you mean \"5s\"?" (from arena; not escaped). Scalar types only. */
const char *option_value_parse(const struct option *row, struct slice text, void *at, struct arena *arena);
/** The number of a range as it would be written: "5m", "50MiB", "100". */
const char *option_value_format(enum option_type type, int64_t value, struct arena *arena);
/** "a duration (500ms, 30s, 5m, 1h, 7d)" */
const char *option_type_text(enum option_type type);
bool option_type_is_scalar(enum option_type type);

#endif
