/* policy_reply: see policy_reply.h. */
#include "policy/policy_reply.h"

#include "policy/policy_loader.h"

bool reply_needed(enum action action)
{
    return action == ACTION_REJECT || action == ACTION_TEMPFAIL || action == ACTION_DISCONNECT;
}

struct reply reply_default(enum action action, enum stage stage, const char *rule, struct arena *arena)
{
    bool reject = action == ACTION_REJECT, connect = stage == STAGE_CONNECT;
    if (!reply_needed(action))
        return (struct reply){0};
    struct slice text = slice_of(arena_format(arena, "%s by policy rule: %s", reject ? "Refused" : "Refused for now", rule));
    return (struct reply){
        .code = reject ? (connect ? 554 : 550) : (connect ? 421 : 451),
        .enhanced = reject ? SLICE("5.7.1") : SLICE("4.7.1"),
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

static bool check_code(struct policy_loader *l, const struct conf_node *node, struct slice token, enum action action, int *code)
{
    char class = action == ACTION_REJECT ? '5' : '4';
    uint64_t value;
    if (token.len != 3 || !slice_to_u64(token, &value) || token.ptr[1] > '5') {
        conf_error_at(l->errors, node, "a reply begins with its code, as in \"%c50 %c.7.1 text\"", class, class);
        return false;
    }
    if (token.ptr[0] != class) {
        conf_error_at(l->errors, node, "%s needs a %cxx code, not %d", action_name(action), class, (int)value);
        return false;
    }
    if (l->stage == STAGE_CONNECT && value != 421 && value != 521 && value != 554) {
        conf_error_at(l->errors, node, "at stage connect the code must be 554 or 521 (reject), or 421 (tempfail)");
        return false;
    }
    if (l->stage != STAGE_CONNECT && value == 421) {
        conf_error_at(l->errors, node, "421 means that the connection closes; use 450 or 451");
        return false;
    }
    *code = (int)value;
    return true;
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
    if (!reply_needed(action)) {
        conf_error_at(l->errors, node, "%s has no reply; only reject and tempfail have", action_name(action));
        return;
    }
    if (!policy_loader_scalar(l, node, "a reply"))
        return;
    struct slice rest = slice_trim(node->text);
    if (!check_code(l, node, take_token(&rest), action, &out->code))
        return;
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
