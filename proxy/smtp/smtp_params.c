/* smtp_params: see smtp_params.h. */
#include "proxy/smtp/smtp_params.h"

#include "base/buf.h"

#include <inttypes.h>
#include <stddef.h>

enum { ENVID_MAX = 100, AUTH_MAX = 500, ORCPT_MAX = 500, HOLD_DIGITS_MAX = 9, BY_DIGITS_MAX = 9 };

struct parse {
    const struct smtp_offer *offer;
    struct arena *arena;
    struct smtp_params *out;
    struct smtp_params_error error;
    struct slice canonical; /* the value as it will be sent on; ptr NULL: as it came */
};

static bool fail(struct parse *p, int code, const char *enhanced, const char *text)
{
    p->error = (struct smtp_params_error){code, enhanced, text};
    return false;
}

static bool all_digits(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_digit(s.ptr[i]))
            return false;
    return s.len > 0;
}

static bool is_upper_hex(char c)
{
    return ascii_is_digit(c) || (c >= 'A' && c <= 'F');
}

bool smtp_xtext_valid(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c < 33 || c > 126 || c == '=')
            return false;
        if (c == '+' && (i + 2 >= text.len || !is_upper_hex(text.ptr[i + 1]) || !is_upper_hex(text.ptr[i + 2])))
            return false;
        i += c == '+' ? 2 : 0;
    }
    return true;
}

/* The values. Each returns whether it is good; what is wrong stands in p->error. */

static bool check_size(struct parse *p, struct slice value)
{
    uint64_t size = 0;
    if (!all_digits(value) || value.len > 20) /* RFC 1870 §4 */
        return fail(p, 501, "5.5.4", "Bad SIZE value");
    if (!slice_to_u64(value, &size) || size > INT64_MAX)
        size = INT64_MAX;
    p->out->size = (int64_t)size;
    if (p->offer->size_max > 0 && p->out->size > p->offer->size_max)
        return fail(p, 552, "5.3.4", "Message size exceeds the limit");
    p->canonical = slice_of(arena_format(p->arena, "%" PRId64, p->out->size));
    return true;
}

static bool check_body(struct parse *p, struct slice value)
{
    p->out->body_8bit = slice_eq_nocase(value, SLICE("8BITMIME"));
    p->canonical = p->out->body_8bit ? SLICE("8BITMIME") : SLICE("7BIT");
    if (!p->out->body_8bit && !slice_eq_nocase(value, SLICE("7BIT")))
        return fail(p, 555, "5.5.4", "BODY value not supported");
    return true;
}

static bool check_smtputf8(struct parse *p, struct slice value)
{
    (void)value;
    p->out->smtputf8 = true;
    return true;
}

static bool check_requiretls(struct parse *p, struct slice value)
{
    (void)value;
    p->out->requiretls = true;
    return true;
}

static bool check_ret(struct parse *p, struct slice value)
{
    bool full = slice_eq_nocase(value, SLICE("FULL"));
    p->canonical = full ? SLICE("FULL") : SLICE("HDRS");
    return full || slice_eq_nocase(value, SLICE("HDRS")) || fail(p, 501, "5.5.4", "RET must be FULL or HDRS");
}

static bool check_envid(struct parse *p, struct slice value)
{
    return (value.len <= ENVID_MAX && smtp_xtext_valid(value)) || fail(p, 501, "5.5.4", "Bad ENVID value");
}

/* Each word of the list once, or NEVER alone. */
static bool check_notify(struct parse *p, struct slice value)
{
    static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY"};
    struct slice rest = value, word;
    unsigned seen = 0;
    if (slice_eq_nocase(value, SLICE("NEVER"))) {
        p->canonical = SLICE("NEVER");
        return true;
    }
    while (slice_split(&rest, ',', &word)) {
        unsigned bit = 0;
        for (unsigned i = 0; i < 3; i++)
            if (slice_eq_nocase(word, slice_of(words[i])))
                bit = 1u << i;
        if (!bit || seen & bit)
            return fail(p, 501, "5.5.4", "Bad NOTIFY value");
        seen |= bit;
    }
    return true;
}

static bool check_orcpt(struct parse *p, struct slice value)
{
    ptrdiff_t semicolon = slice_index(value, ';');
    bool good = semicolon > 0 && value.len <= ORCPT_MAX && smtp_xtext_valid(slice_skip(value, (size_t)semicolon + 1));
    for (ptrdiff_t i = 0; good && i < semicolon; i++)
        good = ascii_is_alnum(value.ptr[i]) || value.ptr[i] == '-';
    return good || fail(p, 501, "5.5.4", "Bad ORCPT value");
}

/* Who submitted it first; one who has not shown who he is may not say (RFC 4954 §5). */
static bool check_auth(struct parse *p, struct slice value)
{
    bool nobody = slice_eq(value, SLICE("<>"));
    if (!nobody && (value.len > AUTH_MAX || !smtp_xtext_valid(value)))
        return fail(p, 501, "5.5.4", "Bad AUTH value");
    if (!p->offer->authenticated)
        p->canonical = SLICE("<>");
    return true;
}

static bool check_priority(struct parse *p, struct slice value)
{
    bool minus = value.len && value.ptr[0] == '-';
    struct slice digits = slice_skip(value, minus);
    return (digits.len == 1 && ascii_is_digit(digits.ptr[0])) || fail(p, 501, "5.5.2", "MT-PRIORITY must be -9 to 9");
}

static bool check_hold_for(struct parse *p, struct slice value)
{
    return (value.len <= HOLD_DIGITS_MAX && all_digits(value)) || fail(p, 501, "5.5.4", "Bad HOLDFOR value");
}

/* An Internet date-time (RFC 3339) as far as its bytes go; what it means is the backend's business. */
static bool check_hold_until(struct parse *p, struct slice value)
{
    bool good = value.len >= 20 && value.len <= 35;
    for (size_t i = 0; good && i < value.len; i++)
        good = ascii_is_digit(value.ptr[i]) || (value.ptr[i] != '\0' && strchr("-:TZ+.", value.ptr[i]));
    return good || fail(p, 501, "5.5.4", "Bad HOLDUNTIL value");
}

/* "120;R", "-5;NT" (RFC 2852 §4). */
static bool check_by(struct parse *p, struct slice value)
{
    ptrdiff_t semicolon = slice_index(value, ';');
    bool minus = value.len && value.ptr[0] == '-';
    if (semicolon < 1)
        return fail(p, 501, "5.5.4", "Bad BY value");
    struct slice digits = slice_skip(slice_first(value, (size_t)semicolon), minus), mode = slice_skip(value, (size_t)semicolon + 1);
    bool may_trace = mode.len == 2 && ascii_lower(mode.ptr[1]) == 't';
    bool known = (mode.len == 1 || may_trace) && (ascii_lower(mode.ptr[0]) == 'r' || ascii_lower(mode.ptr[0]) == 'n');
    return (known && all_digits(digits) && digits.len <= BY_DIGITS_MAX) || fail(p, 501, "5.5.4", "Bad BY value");
}

enum value_use { NO_VALUE, NEEDS_VALUE };

/* The order is that of the bits that tell which were given. */
static const struct row {
    const char *keyword;
    bool rcpt; /* of RCPT, else of MAIL */
    enum value_use value;
    size_t offered; /* offset of the flag in struct smtp_offer */
    bool (*check)(struct parse *p, struct slice value);
    bool vital; /* a message without it is another one */
} rows[] = {
    {"SIZE", false, NEEDS_VALUE, offsetof(struct smtp_offer, size), check_size, false},
    {"BODY", false, NEEDS_VALUE, offsetof(struct smtp_offer, eightbit), check_body, false},
    {"SMTPUTF8", false, NO_VALUE, offsetof(struct smtp_offer, smtputf8), check_smtputf8, true},
    {"REQUIRETLS", false, NO_VALUE, offsetof(struct smtp_offer, requiretls), check_requiretls, true},
    {"RET", false, NEEDS_VALUE, offsetof(struct smtp_offer, dsn), check_ret, false},
    {"ENVID", false, NEEDS_VALUE, offsetof(struct smtp_offer, dsn), check_envid, false},
    {"AUTH", false, NEEDS_VALUE, offsetof(struct smtp_offer, auth), check_auth, false},
    {"BY", false, NEEDS_VALUE, offsetof(struct smtp_offer, deliverby), check_by, false},
    {"MT-PRIORITY", false, NEEDS_VALUE, offsetof(struct smtp_offer, mt_priority), check_priority, false},
    {"HOLDFOR", false, NEEDS_VALUE, offsetof(struct smtp_offer, future_release), check_hold_for, false},
    {"HOLDUNTIL", false, NEEDS_VALUE, offsetof(struct smtp_offer, future_release), check_hold_until, false},
    {"NOTIFY", true, NEEDS_VALUE, offsetof(struct smtp_offer, dsn), check_notify, false},
    {"ORCPT", true, NEEDS_VALUE, offsetof(struct smtp_offer, dsn), check_orcpt, false},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static bool is_offered(const struct row *row, const struct smtp_offer *offer)
{
    bool offered;
    memcpy(&offered, (const char *)offer + row->offered, sizeof offered);
    return offer->esmtp && offered;
}

/* esmtp-keyword and esmtp-value of RFC 5321 §4.1.2. */
static bool syntax_valid(struct slice key, struct slice value)
{
    if (key.len == 0 || key.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < key.len; i++)
        if (!ascii_is_alnum(key.ptr[i]) && key.ptr[i] != '-')
            return false;
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < 33 || value.ptr[i] > 126 || value.ptr[i] == '=')
            return false;
    return !value.ptr || value.len > 0;
}

static const struct row *find_row(struct slice key, bool rcpt)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].rcpt == rcpt && slice_eq_nocase(key, slice_of(rows[i].keyword)))
            return &rows[i];
    return NULL;
}

/* Cuts "KEY=VALUE"; value.ptr NULL: there is no "=". */
static struct slice cut_word(struct slice *rest, struct slice *value)
{
    struct slice word, key;
    slice_split(rest, ' ', &word);
    ptrdiff_t equals = slice_index(word, '=');
    key = equals < 0 ? word : slice_first(word, (size_t)equals);
    *value = equals < 0 ? (struct slice){NULL, 0} : slice_skip(word, (size_t)equals + 1);
    return key;
}

static bool parse_one(struct parse *p, struct slice key, struct slice value, bool rcpt, unsigned *seen, struct buf *text)
{
    if (!syntax_valid(key, value))
        return fail(p, 501, "5.5.4", "Bad parameter syntax");
    const struct row *row = find_row(key, rcpt);
    if (!row || !is_offered(row, p->offer))
        return fail(p, 555, "5.5.4", p->offer->esmtp ? "Parameter not recognized" : "Parameters need EHLO");
    unsigned bit = 1u << (row - rows);
    if (*seen & bit)
        return fail(p, 501, "5.5.4", "Parameter given twice");
    if ((row->value == NEEDS_VALUE) != (value.ptr != NULL))
        return fail(p, 501, "5.5.4", value.ptr ? "Parameter takes no value" : "Parameter needs a value");
    *seen |= bit;
    p->canonical = (struct slice){NULL, 0};
    if (!row->check(p, value))
        return false;
    buf_add_format(text, "%s%s%s", text->len ? " " : "", row->keyword, value.ptr ? "=" : "");
    buf_add(text, p->canonical.ptr ? p->canonical : value);
    return true;
}

static bool parse_all(struct parse *p, struct slice rest, bool rcpt, struct buf *text)
{
    unsigned seen = 0;
    while (rest.len) {
        struct slice value, key;
        if (rest.ptr[0] == ' ') {
            rest = slice_skip(rest, 1);
            continue;
        }
        key = cut_word(&rest, &value);
        if (!parse_one(p, key, value, rcpt, &seen, text))
            return false;
    }
    return true;
}

struct smtp_params_error smtp_params_parse(struct slice rest, bool rcpt, const struct smtp_offer *offer, struct arena *arena,
                                           struct smtp_params *out)
{
    struct parse p = {.offer = offer, .arena = arena, .out = out};
    struct buf text = {0};
    *out = (struct smtp_params){.size = -1};
    if (rest.len && rest.ptr[0] != ' ')
        fail(&p, 501, "5.5.4", "Blank expected behind the address");
    else if (parse_all(&p, rest, rcpt, &text))
        out->text = arena_copy(arena, buf_slice(&text));
    buf_release(&text);
    return p.error;
}

static const struct row *find_any_row(struct slice key)
{
    const struct row *row = find_row(key, false);
    return row ? row : find_row(key, true);
}

struct slice smtp_params_fit(struct slice text, const struct smtp_offer *offer, struct arena *arena, bool *lost)
{
    struct buf kept = {0};
    struct slice rest = text;
    *lost = false;
    while (rest.len) {
        struct slice value, key = cut_word(&rest, &value);
        const struct row *row = find_any_row(key);
        if (row && is_offered(row, offer)) {
            buf_add_format(&kept, "%s%s%s", kept.len ? " " : "", row->keyword, value.ptr ? "=" : "");
            buf_add(&kept, value);
        } else
            *lost = *lost || (row && row->vital);
    }
    struct slice out = arena_copy(arena, buf_slice(&kept));
    buf_release(&kept);
    return out;
}
