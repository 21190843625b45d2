/* option_value: see option_value.h. */
#include "base/config/option_value.h"

#include "base/cidr_set.h"
#include "base/config/conf_text.h"
#include "base/config/option_units.h"

enum { SHOWN_MAX = 80, WORDS_MAX = 64, TEXT_MAX = 4096 };

/** "must be WHAT, not "TEXT""; meant: also "; did you mean "MEANT"?" */
static const char *not_a(struct arena *arena, const char *what, struct slice text, const char *meant)
{
    const char *more = text.len > SHOWN_MAX ? "..." : "";
    text = slice_first(text, SHOWN_MAX);
    if (!meant)
        return arena_format(arena, "must be %s, not \"%.*s%s\"", what, SLICE_FMT(text), more);
    return arena_format(arena, "must be %s, not \"%.*s%s\"; did you mean \"%s\"?", what, SLICE_FMT(text), more, meant);
}

static bool is_one_of(struct slice text, const char *words)
{
    struct slice rest = slice_of(words), word;
    while (slice_split(&rest, ' ', &word))
        if (slice_eq_nocase(word, text))
            return true;
    return false;
}

static const char *parse_bool(struct slice text, void *at, struct arena *arena)
{
    bool value = slice_eq(text, SLICE("true"));
    if (!value && !slice_eq(text, SLICE("false"))) {
        const char *meant = is_one_of(text, "true yes on 1 y") ? "true" : is_one_of(text, "false no off 0 n") ? "false" : NULL;
        return not_a(arena, "true or false", text, meant);
    }
    memcpy(at, &value, sizeof value);
    return NULL;
}

static const char *check_range(const struct option *row, int64_t value, struct arena *arena)
{
    if ((row->min == 0 && row->max == 0) || (value >= row->min && value <= row->max))
        return NULL;
    return arena_format(arena, "must be between %s and %s, not %s", option_value_format(row->type, row->min, arena),
                        option_value_format(row->type, row->max, arena), option_value_format(row->type, value, arena));
}

static const char *store_number(const struct option *row, int64_t value, void *at, struct arena *arena)
{
    const char *why = check_range(row, value, arena);
    if (!why)
        memcpy(at, &value, sizeof value);
    return why;
}

static const char *parse_number(const struct option *row, struct slice text, void *at, struct arena *arena)
{
    bool negative = text.len > 1 && text.ptr[0] == '-';
    struct slice digits = slice_skip(text, negative);
    uint64_t value;
    if (!slice_to_u64(digits, &value) || value > INT64_MAX)
        return not_a(arena, "a whole number such as 100", text, NULL);
    if (digits.len > 1 && digits.ptr[0] == '0')
        return not_a(arena, "a whole number without leading zeros", text, NULL);
    return store_number(row, negative ? -(int64_t)value : (int64_t)value, at, arena);
}

static const char *parse_units(const struct option *row, const struct option_unit *units, struct slice text, void *at, struct arena *arena)
{
    const char *what = option_type_text(row->type), *meant = NULL;
    const struct option_unit *unit;
    struct slice number;
    int64_t value;
    switch (option_units_parse(units, text, &value, &number, &unit)) {
    case OPTION_UNITS_OK:
        return store_number(row, value, at, arena);
    case OPTION_UNITS_NO_UNIT:
        if (value == 0 || row->type == OPTION_SIZE)
            return store_number(row, value, at, arena);
        meant = arena_format(arena, "%.*ss", SLICE_FMT(number));
        break;
    case OPTION_UNITS_UNKNOWN:
        if (unit)
            meant = arena_format(arena, "%.*s%s", SLICE_FMT(number), unit->name);
        break;
    case OPTION_UNITS_OVERFLOW:
        return not_a(arena, "a smaller value", text, NULL);
    case OPTION_UNITS_NO_NUMBER:
        break;
    }
    return not_a(arena, what, text, meant);
}

/** "120/h" is likely to mean "120/1h". */
static const char *guess_rate(struct slice text, struct arena *arena)
{
    struct option_rate rate;
    struct slice period = text, count;
    slice_split(&period, '/', &count);
    if (!period.ptr || !period.len || !ascii_is_alpha(period.ptr[0]))
        return NULL;
    const char *guess = arena_format(arena, "%.*s/1%.*s", SLICE_FMT(count), SLICE_FMT(slice_first(period, 8)));
    return option_rate_parse(slice_of(guess), &rate) ? guess : NULL;
}

static const char *parse_rate(struct slice text, void *at, struct arena *arena)
{
    struct option_rate rate;
    if (!option_rate_parse(text, &rate))
        return not_a(arena, option_type_text(OPTION_RATE), text, guess_rate(text, arena));
    memcpy(at, &rate, sizeof rate);
    return NULL;
}

static const char *parse_text(struct slice text, void *at, struct arena *arena)
{
    if (text.len == 0)
        return "may not be empty";
    if (text.len > TEXT_MAX)
        return "is too long";
    if (conf_text_has_control(text))
        return "may not hold control characters";
    const char *copy = arena_string(arena, text);
    memcpy(at, &copy, sizeof copy);
    return NULL;
}

static const char *parse_word(const struct option *row, struct slice text, void *at, struct arena *arena)
{
    size_t count = 0;
    const char *list = "";
    for (; row->words[count]; count++) {
        if (slice_eq(slice_of(row->words[count]), text)) {
            int index = (int)count;
            memcpy(at, &index, sizeof index);
            return NULL;
        }
        list = arena_format(arena, "%s%s%s", list, count == 0 ? "" : row->words[count + 1] ? ", " : " or ", row->words[count]);
    }
    return not_a(arena, list, text, conf_nearest(text, row->words, count));
}

/** An address without a port, or "localhost", which is no address. */
static const char *guess_endpoint(struct slice text, struct arena *arena)
{
    struct slice port = text, host;
    struct net_addr addr;
    if (net_addr_parse_ip(text, &addr))
        return arena_format(arena, addr.family == AF_INET6 ? "[%.*s]:25" : "%.*s:25", SLICE_FMT(text));
    slice_split(&port, ':', &host);
    if (!slice_eq_nocase(host, SLICE("localhost")))
        return NULL;
    const char *guess = arena_format(arena, "127.0.0.1:%.*s", SLICE_FMT(port.ptr ? slice_first(port, 8) : SLICE("25")));
    return net_addr_parse_endpoint(slice_of(guess), &addr) && addr.port != 0 ? guess : NULL;
}

static const char *parse_endpoint(struct slice text, void *at, struct arena *arena)
{
    struct net_addr addr;
    if (net_addr_parse_endpoint(text, &addr) && addr.port != 0) {
        memcpy(at, &addr, sizeof addr);
        return NULL;
    }
    return not_a(arena, option_type_text(OPTION_ENDPOINT), text, guess_endpoint(text, arena));
}

static const char *parse_network(struct slice text, void *at, struct arena *arena)
{
    struct option_network network = {0};
    if (!cidr_parse(text, &network.addr, &network.bits))
        return not_a(arena, option_type_text(OPTION_NETWORK), text, NULL);
    memcpy(at, &network, sizeof network);
    return NULL;
}

const char *option_value_parse(const struct option *row, struct slice text, void *at, struct arena *arena)
{
    switch (row->type) {
    case OPTION_BOOL:
        return parse_bool(text, at, arena);
    case OPTION_NUMBER:
        return parse_number(row, text, at, arena);
    case OPTION_DURATION:
        return parse_units(row, option_durations, text, at, arena);
    case OPTION_SIZE:
        return parse_units(row, option_sizes, text, at, arena);
    case OPTION_RATE:
        return parse_rate(text, at, arena);
    case OPTION_TEXT:
    case OPTION_PATH:
        return parse_text(text, at, arena);
    case OPTION_WORD:
        return parse_word(row, text, at, arena);
    case OPTION_ENDPOINT:
        return parse_endpoint(text, at, arena);
    case OPTION_NETWORK:
        return parse_network(text, at, arena);
    default:
        return "must not be a scalar";
    }
}

const char *option_value_format(enum option_type type, int64_t value, struct arena *arena)
{
    const struct option_unit *unit = NULL;
    if (type == OPTION_DURATION)
        unit = option_units_for(option_durations, value);
    else if (type == OPTION_SIZE)
        unit = option_units_for(option_sizes, value);
    if (!unit || strcmp(unit->name, "B") == 0)
        return arena_format(arena, "%lld", (long long)value);
    return arena_format(arena, "%lld%s", (long long)(value / unit->factor), unit->name);
}

const char *option_type_text(enum option_type type)
{
    static const char *const texts[] = {
        [OPTION_BOOL] = "true or false",
        [OPTION_NUMBER] = "a whole number",
        [OPTION_DURATION] = "a duration with a unit (500ms, 30s, 5m, 1h, 7d)",
        [OPTION_SIZE] = "a size in bytes or with a unit (4096, 64KiB, 50MiB, 1GiB)",
        [OPTION_RATE] = "a rate (a number, a slash and a duration: 120/1h)",
        [OPTION_TEXT] = "a text",
        [OPTION_WORD] = "a word",
        [OPTION_ENDPOINT] = "an IP address with a port (192.0.2.1:25, \"[2001:db8::1]:25\", \"*:25\")",
        [OPTION_NETWORK] = "a network or an IP address (192.0.2.0/24, 2001:db8::/32, 192.0.2.1)",
        [OPTION_TEXTS] = "a list of texts",
        [OPTION_SECTION] = "a mapping of options",
        [OPTION_SECTIONS] = "a list of mappings of options",
        [OPTION_NAMED] = "a mapping of names to mappings of options",
        [OPTION_NODE] = "in a form of its own, as its description says",
        [OPTION_PATH] = "the path of a file or directory",
    };
    return texts[type];
}

bool option_type_is_scalar(enum option_type type)
{
    return type < OPTION_TEXTS || type == OPTION_PATH;
}
