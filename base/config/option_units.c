/* option_units: see option_units.h. */
#include "base/config/option_units.h"

const struct option_unit option_durations[] = {
    {"ms", 1, "msec millis millisecond milliseconds"},
    {"s", 1000, "sec secs second seconds"},
    {"m", 60000, "min mins minute minutes"},
    {"h", 3600000, "hr hrs hour hours"},
    {"d", 86400000, "day days"},
    {NULL, 0, NULL},
};

const struct option_unit option_sizes[] = {
    {"B", 1, "byte bytes"}, {"KiB", 1024, "k kb kib"}, {"MiB", 1024 * 1024, "m mb mib"}, {"GiB", 1024 * 1024 * 1024, "g gb gib"},
    {NULL, 0, NULL},
};

static bool is_other_spelling(const struct option_unit *unit, struct slice text)
{
    struct slice rest = slice_of(unit->others), word;
    while (slice_split(&rest, ' ', &word))
        if (slice_eq_nocase(word, text))
            return true;
    return slice_eq_nocase(slice_of(unit->name), text);
}

static const struct option_unit *find_unit(const struct option_unit *units, struct slice text)
{
    for (const struct option_unit *u = units; u->name; u++)
        if (slice_eq(slice_of(u->name), text))
            return u;
    return NULL;
}

static const struct option_unit *guess_unit(const struct option_unit *units, struct slice text)
{
    for (const struct option_unit *u = units; u->name; u++)
        if (is_other_spelling(u, text))
            return u;
    return NULL;
}

enum option_units_status option_units_parse(const struct option_unit *units, struct slice text, int64_t *value, struct slice *number,
                                            const struct option_unit **meant)
{
    size_t digits = 0;
    uint64_t count;
    while (digits < text.len && ascii_is_digit(text.ptr[digits]))
        digits++;
    *number = slice_first(text, digits);
    *meant = NULL;
    if (digits == 0)
        return OPTION_UNITS_NO_NUMBER;
    if (!slice_to_u64(*number, &count) || count > INT64_MAX)
        return OPTION_UNITS_OVERFLOW;
    *value = (int64_t)count;
    struct slice unit = slice_skip(text, digits);
    if (unit.len == 0)
        return OPTION_UNITS_NO_UNIT;
    const struct option_unit *u = find_unit(units, unit);
    if (!u) {
        *meant = guess_unit(units, slice_trim(unit));
        return OPTION_UNITS_UNKNOWN;
    }
    return __builtin_mul_overflow(*value, u->factor, value) ? OPTION_UNITS_OVERFLOW : OPTION_UNITS_OK;
}

const struct option_unit *option_units_for(const struct option_unit *units, int64_t value)
{
    const struct option_unit *best = NULL;
    for (const struct option_unit *u = units; u->name; u++)
        if (value != 0 && value % u->factor == 0)
            best = u;
    return best;
}

/** A bare number, or a size: 100MiB. */
static bool parse_count(struct slice text, int64_t *count)
{
    struct slice number;
    const struct option_unit *meant;
    enum option_units_status status = option_units_parse(option_sizes, text, count, &number, &meant);
    return (status == OPTION_UNITS_OK || status == OPTION_UNITS_NO_UNIT) && *count > 0;
}

bool option_rate_parse(struct slice text, struct option_rate *out)
{
    struct slice rest = text, count, number;
    const struct option_unit *meant;
    if (!slice_split(&rest, '/', &count) || !rest.ptr || !parse_count(count, &out->count))
        return false;
    return option_units_parse(option_durations, rest, &out->period_ms, &number, &meant) == OPTION_UNITS_OK && out->period_ms > 0;
}
