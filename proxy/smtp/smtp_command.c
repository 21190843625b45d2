/* smtp_command: see smtp_command.h. One row per verb; the row's function checks the argument. */
#include "proxy/smtp/smtp_command.h"

#include "proxy/smtp/smtp_address.h"

/* What an argument is checked with. */
struct parse {
    const struct smtp_offer *offer;
    struct arena *arena;
    struct smtp_command *command;
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

static bool parse_parameters(struct parse *p, struct slice rest, bool rcpt)
{
    struct smtp_command *c = p->command;
    struct smtp_params_error wrong = smtp_params_parse(rest, rcpt, p->offer, p->arena, &c->params);
    c->path.params = c->params.text;
    return !wrong.code || fail(p, wrong.code, wrong.enhanced, wrong.text);
}

static unsigned path_allowed(const struct parse *p, unsigned also)
{
    return also | (p->offer->smtputf8 ? SMTP_PATH_UTF8 : 0);
}

static bool check_mail(struct parse *p, struct slice argument)
{
    struct slice rest;
    if (!slice_starts_nocase(argument, SLICE("FROM:")))
        return fail(p, 501, "5.5.4", "Syntax: MAIL FROM:<address>");
    const char *wrong =
        smtp_path_parse(skip_blanks(slice_skip(argument, 5)), path_allowed(p, SMTP_PATH_NULL), p->arena, &p->command->path, &rest);
    if (wrong)
        return fail(p, 501, "5.1.7", wrong);
    if (!parse_parameters(p, rest, false))
        return false;
    return !p->command->path.utf8 || p->command->params.smtputf8 || fail(p, 553, "5.6.7", "An address beyond ASCII needs SMTPUTF8");
}

static bool check_rcpt(struct parse *p, struct slice argument)
{
    struct slice rest;
    if (!slice_starts_nocase(argument, SLICE("TO:")))
        return fail(p, 501, "5.5.4", "Syntax: RCPT TO:<address>");
    const char *wrong =
        smtp_path_parse(skip_blanks(slice_skip(argument, 3)), path_allowed(p, SMTP_PATH_POSTMASTER), p->arena, &p->command->path, &rest);
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

/* "BDAT 1000", "BDAT 0 LAST" (RFC 3030 §2). */
static bool check_bdat(struct parse *p, struct slice argument)
{
    struct slice size = take_word(&argument);
    bool digits = size.len > 0;
    for (size_t i = 0; i < size.len; i++)
        digits = digits && ascii_is_digit(size.ptr[i]);
    if (!digits || !slice_to_u64(size, &p->command->chunk_size))
        return fail(p, 501, "5.5.4", "Syntax: BDAT size [LAST]");
    p->command->chunk_last = slice_eq_nocase(argument, SLICE("LAST"));
    return argument.len == 0 || p->command->chunk_last || fail(p, 501, "5.5.4", "Syntax: BDAT size [LAST]");
}

static bool check_unknown(struct parse *p, struct slice argument)
{
    return fail(p, 500, "5.5.1", "Command not recognized");
}

/* "=" stands for an empty response (RFC 4954 §4). */
static bool check_auth(struct parse *p, struct slice argument)
{
    struct slice rest = argument, name = take_word(&rest);
    if (name.len == 0)
        return fail(p, 501, "5.5.4", "Syntax: AUTH mechanism [initial-response]");
    p->command->mechanism = sasl_find(name);
    if (p->command->mechanism == SASL_COUNT)
        return fail(p, 504, "5.5.4", "Authentication mechanism is not available");
    if (rest.len)
        p->command->initial = slice_eq(rest, SLICE("=")) ? SLICE("") : rest;
    if (!sasl_base64_valid(p->command->initial))
        return fail(p, 501, "5.5.2", "Response is not in base64");
    return true;
}

static const struct verb {
    const char *name;
    bool (*check)(struct parse *p, struct slice argument);
} verbs[SMTP_VERB_COUNT] = {
    [SMTP_HELO] = {"HELO", check_helo}, [SMTP_EHLO] = {"EHLO", check_helo}, [SMTP_MAIL] = {"MAIL", check_mail},
    [SMTP_RCPT] = {"RCPT", check_rcpt}, [SMTP_DATA] = {"DATA", check_none}, [SMTP_RSET] = {"RSET", check_none},
    [SMTP_NOOP] = {"NOOP", check_any},  [SMTP_QUIT] = {"QUIT", check_none}, [SMTP_HELP] = {"HELP", check_any},
    [SMTP_VRFY] = {"VRFY", check_some}, [SMTP_EXPN] = {"EXPN", check_some}, [SMTP_STARTTLS] = {"STARTTLS", check_none},
    [SMTP_BDAT] = {"BDAT", check_bdat}, [SMTP_AUTH] = {"AUTH", check_auth}, [SMTP_UNKNOWN] = {"unknown", check_unknown},
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
    *out = (struct smtp_command){.verb = SMTP_UNKNOWN, .params = {.size = -1}};
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
