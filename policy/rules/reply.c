/* reply: see reply.h. */
#include "policy/rules/reply.h"

#include "policy/policy_loader.h"

bool reply_needed(enum action action)
{
    return action == ACTION_REJECT || action == ACTION_TEMPFAIL || action == ACTION_DISCONNECT;
}

/** The code of a rule without a reply of its own. */
static int default_code(enum action action, enum stage stage)
{
    bool connect = stage == STAGE_CONNECT;
    switch (action) {
    case ACTION_REJECT:
        return connect ? 554 : 550;
    case ACTION_TEMPFAIL:
        return connect ? 421 : 451;
    case ACTION_DISCONNECT:
        return 421;
    default:
        return 0;
    }
}

/** The enhanced code of a reply without one. */
static struct slice default_enhanced(enum action action, int code)
{
    if (action == ACTION_DISCONNECT)
        return code / 100 == 5 ? SLICE("5.7.0") : SLICE("4.7.0");
    return code / 100 == 5 ? SLICE("5.7.1") : SLICE("4.7.1");
}

struct reply reply_default(enum action action, enum stage stage, const char *rule, struct arena *arena)
{
    const char *what = action == ACTION_REJECT ? "Refused" : action == ACTION_TEMPFAIL ? "Refused for now" : "Connection closed";
    int code = default_code(action, stage);
    if (code == 0)
        return (struct reply){0};
    struct slice text = slice_of(arena_format(arena, "%s by policy rule: %s", what, rule));
    return (struct reply){
        .code = code,
        .enhanced = default_enhanced(action, code),
        .text = template_literal(slice_first(text, REPLY_TEXT_MAX), arena),
    };
}

/** Cuts the part before the first space off *rest. */
static struct slice take_token(struct slice *rest)
{
    ptrdiff_t space = slice_index(*rest, ' ');
    struct slice token = space < 0 ? *rest : slice_first(*rest, (size_t)space);
    *rest = slice_trim(slice_skip(*rest, token.len));
    return token;
}

/** "5.7.1": class, subject and detail, the latter two up to three digits (RFC 3463 §2). */
static bool is_enhanced(struct slice token)
{
    struct slice part;
    size_t parts = 0;
    if (token.len < 5 || token.ptr[1] != '.')
        return false;
    while (slice_split(&token, '.', &part)) {
        uint64_t value;
        if (part.len == 0 || part.len > 3 || !slice_to_u64(part, &value))
            return false;
        parts++;
    }
    return parts == 3;
}

/** Whether it was meant as an enhanced code: digits and dots, with a dot. */
static bool looks_enhanced(struct slice token)
{
    for (size_t i = 0; i < token.len; i++)
        if (!ascii_is_digit(token.ptr[i]) && token.ptr[i] != '.')
            return false;
    return slice_index(token, '.') > 0 && slice_last_index(token, '.') > slice_index(token, '.');
}

/** NULL, or what is wrong with this code for this action at this stage. */
static const char *code_error(struct policy_loader *l, enum action action, int code)
{
    if (action == ACTION_DISCONNECT && code / 100 != 4 && code / 100 != 5)
        return arena_format(l->arena, "disconnect needs a 4xx or 5xx code, not %d", code);
    if (action == ACTION_REJECT && code / 100 != 5)
        return arena_format(l->arena, "reject needs a 5xx code, not %d", code);
    if (action == ACTION_TEMPFAIL && code / 100 != 4)
        return arena_format(l->arena, "tempfail needs a 4xx code, not %d", code);
    if (l->stage == STAGE_CONNECT && code != 421 && code != 521 && code != 554)
        return "at stage connect the code must be 554 or 521 (for good), or 421 (for now)";
    if (l->stage != STAGE_CONNECT && code == 421 && action != ACTION_DISCONNECT)
        return "421 means that the connection closes; use 450 or 451, or the action disconnect";
    return NULL;
}

static bool check_code(struct policy_loader *l, const struct conf_node *node, struct slice token, enum action action, int *code)
{
    char class = action == ACTION_REJECT ? '5' : '4';
    uint64_t value;
    if (token.len != 3 || !slice_to_u64(token, &value) || token.ptr[1] > '5') {
        conf_error_at(l->errors, node, "a reply begins with its code, as in \"%c50 %c.7.1 text\"", class, class);
        return false;
    }
    *code = (int)value;
    const char *error = code_error(l, action, *code);
    if (error)
        conf_error_at(l->errors, node, "%s", error);
    return !error;
}

static bool check_enhanced(struct policy_loader *l, const struct conf_node *node, struct slice token, int code)
{
    if (!is_enhanced(token)) {
        conf_error_at(l->errors, node, "\"%.*s\" is no enhanced status code such as %d.7.1", SLICE_FMT(slice_first(token, 20)), code / 100);
        return false;
    }
    if (token.ptr[0] - '0' == code / 100)
        return true;
    conf_error_at(l->errors, node, "enhanced code %.*s contradicts code %d", SLICE_FMT(token), code);
    return false;
}

void reply_load(struct policy_loader *l, const struct conf_node *node, enum action action, struct reply *out)
{
    if (!policy_loader_scalar(l, node, "a reply"))
        return;
    struct slice rest = slice_trim(node->text);
    if (!check_code(l, node, take_token(&rest), action, &out->code))
        return;
    out->enhanced = default_enhanced(action, out->code);
    struct slice after = rest, token = take_token(&after);
    if (looks_enhanced(token)) {
        if (!check_enhanced(l, node, token, out->code))
            return;
        out->enhanced = token;
        rest = after;
    }
    if (!slice_empty(rest))
        template_load(l, node, rest, REPLY_TEXT_MAX, &out->text);
}
