/* policy_number: see policy_number.h. */
#include "policy/policy_number.h"

#include "base/config/option_units.h"

bool policy_number_parse(struct slice text, int64_t *out)
{
    struct slice number;
    const struct option_unit *meant;
    uint64_t value;
    bool negative = slice_starts(text, SLICE("-"));
    if (slice_to_u64(slice_skip(text, negative ? 1 : 0), &value) && value <= INT64_MAX) {
        *out = negative ? -(int64_t)value : (int64_t)value;
        return true;
    }
    if (option_units_parse(option_sizes, text, out, &number, &meant) == OPTION_UNITS_OK)
        return true;
    if (option_units_parse(option_durations, text, out, &number, &meant) != OPTION_UNITS_OK)
        return false;
    *out /= 1000;
    return true;
}
