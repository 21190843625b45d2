/* option_units: numbers with units: durations, sizes, rates. Pure. Used by option_value.c. */
#ifndef BASE_OPTION_UNITS_H
#define BASE_OPTION_UNITS_H

#include "base/config/option.h"

struct option_unit {
    const char *name;
    int64_t factor;
    const char *others; /* spellings people try, by spaces, for "did you mean" */
};

/** Smallest first; end with a NULL name. */
extern const struct option_unit option_durations[]; /* in milliseconds */
extern const struct option_unit option_sizes[];     /* in bytes */

enum option_units_status {
    OPTION_UNITS_OK,
    OPTION_UNITS_NO_NUMBER,
    OPTION_UNITS_NO_UNIT,
    OPTION_UNITS_UNKNOWN, /* *meant may name the unit that was meant */
    OPTION_UNITS_OVERFLOW,
};

/** Parses digits and a unit without a space between. *number, *meant: the parts as far as they could be read. */
enum option_units_status option_units_parse(const struct option_unit *units, struct slice text, int64_t *value, struct slice *number,
                                            const struct option_unit **meant);
/** The largest unit that divides value; value 0 has none ("0"). */
const struct option_unit *option_units_for(const struct option_unit *units, int64_t value);
/** COUNT/DURATION such as 120/1h. */
bool option_rate_parse(struct slice text, struct option_rate *out);

#endif
