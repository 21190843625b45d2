/* policy_text: see policy_text.h. */
#include "proxy/reference/policy_text.h"

/** "a, b and c": the names whose bits are set, each between quotes. */
static void add_set(struct buf *out, unsigned bits, unsigned count, const char *(*name)(unsigned bit), const char *quote)
{
    bool first = true;
    for (unsigned i = 0; i < count; i++) {
        if (!(bits & POLICY_BIT(i)))
            continue;
        bool last = (bits >> i) == 1;
        buf_add_format(out, "%s%s%s%s", first ? "" : last ? " and " : ", ", quote, name(i), quote);
        first = false;
    }
}

static void add_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        buf_add_format(out, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

static const char *stage_at(unsigned bit)
{
    return policy_stages[bit].name;
}

static const char *key_at(unsigned bit)
{
    return policy_rule_keys[bit].name;
}

static const char *type_at(unsigned bit)
{
    return fact_type_name((enum fact_type)bit);
}

static bool is_one(unsigned bits)
{
    return (bits & (bits - 1)) == 0;
}

static void add_keys(struct buf *out, const struct policy_action_word *action)
{
    unsigned optional = action->keys & ~action->needs;
    if (action->needs) {
        buf_add_text(out, "; needs ");
        add_set(out, action->needs, RULE_KEY_COUNT, key_at, "`");
    }
    if (optional) {
        buf_add_text(out, "; may have ");
        add_set(out, optional, RULE_KEY_COUNT, key_at, "`");
    }
}

void policy_text_action(struct buf *out, const struct policy_action_word *action)
{
    if (action->stages == POLICY_ALL_STAGES) {
        buf_add_text(out, "at every stage");
    } else {
        buf_add_text(out, is_one(action->stages) ? "at stage " : "at stages ");
        add_set(out, action->stages, STAGE_COUNT, stage_at, "");
    }
    add_keys(out, action);
    buf_add_text(out, action->goes_on ? "; goes on" : "; decides");
    if (action->alias)
        buf_add_format(out, "; also written %s", action->alias);
}

static const char *shape_name(enum policy_shape shape)
{
    static const char *const names[] = {
        [SHAPE_NAME] = "a name",
        [SHAPE_WORD] = "a word",
        [SHAPE_ACTION] = "an action",
        [SHAPE_CONDITION] = "a condition",
        [SHAPE_REPLY] = "a reply",
        [SHAPE_TEXT] = "a text",
        [SHAPE_HEADER] = "field names and texts",
        [SHAPE_FIELDS] = "field names",
        [SHAPE_MAILBOX] = "a mailbox",
        [SHAPE_MAILBOXES] = "mailboxes",
        [SHAPE_DURATION] = "a duration",
        [SHAPE_POLICY] = "a policy's name",
        [SHAPE_VALUE] = "a value",
        [SHAPE_TEST] = "a value, a list of values or operators",
        [SHAPE_LISTS] = "names of lists",
        [SHAPE_NUMBER] = "a number",
        [SHAPE_REGEX] = "regular expressions",
        [SHAPE_BOOL] = "true or false",
    };
    return names[shape];
}

void policy_text_key(struct buf *out, const struct policy_key_word *key)
{
    if (key->words)
        add_words(out, key->words);
    else
        buf_add_text(out, shape_name(key->shape));
    if (key->words)
        buf_add_format(out, "; default %s", key->words[0]);
    if (key->required)
        buf_add_text(out, "; required");
}

void policy_text_operator(struct buf *out, const struct policy_operator_word *op)
{
    unsigned every = (POLICY_BIT(FACT_LIST) << 1) - 1;
    buf_add_text(out, shape_name(op->shape));
    buf_add_text(out, op->types == every ? "; for facts of every type" : "; for facts of type ");
    if (op->types != every)
        add_set(out, op->types, FACT_LIST + 1, type_at, "");
}

void policy_text_fact(struct buf *out, const struct fact_def *def)
{
    buf_add_format(out, "%s, from stage %s", fact_type_name(def->type), stage_name(def->since));
}

void policy_text_fact_doc(struct buf *out, const struct fact_def *def, const char *off)
{
    buf_add_text(out, def->doc);
    if (out->len && !strchr(".?!", out->ptr[out->len - 1]))
        buf_add_byte(out, '.');
    if (def->words) {
        buf_add_text(out, " It is ");
        add_words(out, def->words);
        buf_add_byte(out, '.');
    }
    if (off)
        buf_add_format(out, " Filter %s is off by default.", off);
}
