/* smtp_command: see smtp_command.h. One row per verb; the row's function checks the argument. */
#include "proxy/smtp/smtp_command.h"

#include "proxy/smtp/smtp_address.h"

#include <inttypes.h>

/* What an argument is checked with. */
struct parse {
    const struct smtp_offer *offer;
    struct arena *arena;
    struct smtp_command *command;
};

/* MAIL parameters as they are gathered. */
struct parameters {
    bool size, body; /* given already */
    bool rcpt;       /* of RCPT, which has none yet */
};

static bool fail(struct parse *p, int code, const char *enhanced, const char *text)
{
    p->command->error_code = code;
    p->command->error_enhanced = enhanced;
    p->command->error_text = text;
    return false;
}

static struct slice skip_blanks(struct slice s)
{
    while (s.len && s.ptr[0] == ' ')
        s = slice_skip(s, 1);
    return s;
}

static struct slice trim_end(struct slice s)
{
    while (s.len && s.ptr[s.len - 1] == ' ')
        s.len--;
    return s;
}

/* Cuts the part before the first blank off, and the blanks. */
static struct slice take_word(struct slice *rest)
{
    ptrdiff_t blank = slice_index(*rest, ' ');
    struct slice word = blank < 0 ? *rest : slice_first(*rest, (size_t)blank);
    *rest = skip_blanks(slice_skip(*rest, word.len));
    return word;
}

static bool parse_size(struct parse *p, struct slice value)
{
    uint64_t size = 0;
    bool digits = value.len > 0 && value.len <= 20; /* RFC 1870 §4 */
    for (size_t i = 0; i < value.len; i++)
        digits = digits && ascii_is_digit(value.ptr[i]);
    if (!digits)
        return fail(p, 501, "5.5.4", "Bad SIZE value");
    if (!slice_to_u64(value, &size) || size > INT64_MAX)
        size = INT64_MAX;
    p->command->size = (int64_t)size;
    if (p->offer->size_max > 0 && p->command->size > p->offer->size_max)
        return fail(p, 552, "5.3.4", "Message size exceeds the limit");
    return true;
}

static bool parse_body(struct parse *p, struct slice value)
{
    p->command->body_8bit = slice_eq_nocase(value, SLICE("8BITMIME"));
    if (!p->command->body_8bit && !slice_eq_nocase(value, SLICE("7BIT")))
        return fail(p, 555, "5.5.4", "BODY value not supported");
    return true;
}

/* esmtp-keyword of RFC 5321 §4.1.2. */
static bool keyword_valid(struct slice s)
{
    if (s.len == 0 || s.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    return true;
}

static bool value_valid(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 33 || s.ptr[i] > 126 || s.ptr[i] == '=')
            return false;
    return s.len > 0;
}

static bool parse_parameter(struct parse *p, struct slice word, struct parameters *seen)
{
    ptrdiff_t equals = slice_index(word, '=');
    struct slice key = equals < 0 ? word : slice_first(word, (size_t)equals);
    struct slice value = equals < 0 ? slice_make(word.ptr, 0) : slice_skip(word, (size_t)equals + 1);
    if (!keyword_valid(key) || (equals >= 0 && !value_valid(value)))
        return fail(p, 501, "5.5.4", "Bad parameter syntax");
    bool size = p->offer->size && slice_eq_nocase(key, SLICE("SIZE"));
    bool body = p->offer->eightbit && slice_eq_nocase(key, SLICE("BODY"));
    if (!p->offer->esmtp || seen->rcpt || (!size && !body))
        return fail(p, 555, "5.5.4", p->offer->esmtp ? "Parameter not recognized" : "Parameters need EHLO");
    if ((size && seen->size) || (body && seen->body))
        return fail(p, 501, "5.5.4", "Parameter given twice");
    seen->size |= size;
    seen->body |= body;
    return size ? parse_size(p, value) : parse_body(p, value);
}

static struct slice canonical_parameters(struct parse *p, const struct parameters *seen)
{
    const char *body = !seen->body ? "" : p->command->body_8bit ? "BODY=8BITMIME" : "BODY=7BIT";
    if (!seen->size)
        return slice_of(body);
    return slice_of(arena_format(p->arena, "SIZE=%" PRId64 "%s%s", p->command->size, seen->body ? " " : "", body));
}

static bool parse_parameters(struct parse *p, struct slice rest, bool rcpt)
{
    struct parameters seen = {.rcpt = rcpt};
    if (rest.len && rest.ptr[0] != ' ')
        return fail(p, 501, "5.5.4", "Blank expected behind the address");
    rest = skip_blanks(rest);
    while (rest.len)
        if (!parse_parameter(p, take_word(&rest), &seen))
            return false;
    p->command->path.params = canonical_parameters(p, &seen);
    return true;
}

static bool check_mail(struct parse *p, struct slice argument)
{
    struct slice rest;
    if (!slice_starts_nocase(argument, SLICE("FROM:")))
        return fail(p, 501, "5.5.4", "Syntax: MAIL FROM:<address>");
    const char *wrong = smtp_path_parse(skip_blanks(slice_skip(argument, 5)), true, false, p->arena, &p->command->path, &rest);
    if (wrong)
        return fail(p, 501, "5.1.7", wrong);
    return parse_parameters(p, rest, false);
}

static bool check_rcpt(struct parse *p, struct slice argument)
{
    struct slice rest;
    if (!slice_starts_nocase(argument, SLICE("TO:")))
        return fail(p, 501, "5.5.4", "Syntax: RCPT TO:<address>");
    const char *wrong = smtp_path_parse(skip_blanks(slice_skip(argument, 3)), false, true, p->arena, &p->command->path, &rest);
    if (wrong)
        return fail(p, 501, "5.1.3", wrong);
    return parse_parameters(p, rest, true);
}

static bool check_helo(struct parse *p, struct slice argument)
{
    if (argument.len == 0)
        return fail(p, 501, "5.5.4", "Host name is missing");
    if (!smtp_helo_valid(argument, p->offer->strict_helo))
        return fail(p, 501, "5.5.4", "Bad host name");
    return true;
}

static bool check_none(struct parse *p, struct slice argument)
{
    return argument.len == 0 || fail(p, 501, "5.5.4", "Command takes no argument");
}

static bool check_some(struct parse *p, struct slice argument)
{
    return argument.len > 0 || fail(p, 501, "5.5.4", "Argument is missing");
}

static bool check_any(struct parse *p, struct slice argument)
{
    return true;
}

static bool check_unknown(struct parse *p, struct slice argument)
{
    return fail(p, 500, "5.5.1", "Command not recognized");
}

static const struct verb {
    const char *name;
    bool (*check)(struct parse *p, struct slice argument);
} verbs[SMTP_VERB_COUNT] = {
    [SMTP_HELO] = {"HELO", check_helo},          [SMTP_EHLO] = {"EHLO", check_helo}, [SMTP_MAIL] = {"MAIL", check_mail},
    [SMTP_RCPT] = {"RCPT", check_rcpt},          [SMTP_DATA] = {"DATA", check_none}, [SMTP_RSET] = {"RSET", check_none},
    [SMTP_NOOP] = {"NOOP", check_any},           [SMTP_QUIT] = {"QUIT", check_none}, [SMTP_HELP] = {"HELP", check_any},
    [SMTP_VRFY] = {"VRFY", check_some},          [SMTP_EXPN] = {"EXPN", check_some}, [SMTP_STARTTLS] = {"STARTTLS", check_none},
    [SMTP_UNKNOWN] = {"unknown", check_unknown},
};

static enum smtp_verb find_verb(struct slice word)
{
    for (int verb = 0; verb < SMTP_UNKNOWN; verb++)
        if (slice_eq_nocase(word, slice_of(verbs[verb].name)))
            return (enum smtp_verb)verb;
    return SMTP_UNKNOWN;
}

static bool has_control(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 32 || s.ptr[i] == 127)
            return true;
    return false;
}

bool smtp_command_parse(struct slice line, const struct smtp_offer *offer, struct arena *arena, struct smtp_command *out)
{
    *out = (struct smtp_command){.verb = SMTP_UNKNOWN, .size = -1};
    struct parse p = {.offer = offer, .arena = arena, .command = out};
    struct slice rest = trim_end(line);
    struct slice word = take_word(&rest);
    out->verb = find_verb(word);
    out->argument = rest;
    if (has_control(line))
        return fail(&p, 500, "5.5.2", "Control character in command");
    if (word.len == 0)
        return fail(&p, 500, "5.5.2", line.len ? "Command begins with a blank" : "Empty command");
    return verbs[out->verb].check(&p, rest);
}

const char *smtp_verb_name(enum smtp_verb verb)
{
    return verbs[verb].name;
}
