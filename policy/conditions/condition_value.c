/* condition_value: reads the values a fact is compared with, by the type of the fact. A value that the fact could never
 * have is an error: the rule would never apply, and nobody would notice. */
#include "policy/policy_loader.h"
#include "policy/policy_number.h"

static struct slice shown(const struct conf_node *node)
{
    return slice_first(node->text, 80);
}

static size_t count_words(const char *const *words)
{
    size_t n = 0;
    while (words && words[n])
        n++;
    return n;
}

static struct condition *load_word(struct policy_loader *l, const struct conf_node *node, int fact)
{
    const struct fact_def *def = fact_schema_def(l->schema, fact);
    size_t count = count_words(def->words);
    for (size_t i = 0; i < count; i++) {
        if (!slice_eq(slice_of(def->words[i]), node->text))
            continue;
        struct condition *c = condition_new(l, CONDITION_WORD, fact);
        c->pattern.key = slice_of(def->words[i]);
        return c;
    }
    const char *near = conf_nearest(node->text, def->words, count);
    if (near)
        conf_error_at(l->errors, node, "\"%s\" is never \"%.*s\"; did you mean \"%s\"?", def->name, SLICE_FMT(shown(node)), near);
    else
        conf_error_at(l->errors, node, "\"%s\" is never \"%.*s\"; it can be %s", def->name, SLICE_FMT(shown(node)),
                      policy_loader_join(l, def->words, count));
    return NULL;
}

static struct condition *load_number(struct policy_loader *l, const struct conf_node *node, int fact, enum condition_op op)
{
    struct condition *c = condition_new(l, op, fact);
    if (policy_number_parse(node->text, &c->number))
        return c;
    conf_error_at(l->errors, node, "\"%.*s\" is no number (such as 100, 50MiB or 5m)", SLICE_FMT(shown(node)));
    return NULL;
}

struct condition *condition_load_bound(struct policy_loader *l, const struct conf_node *node, int fact, enum condition_op op)
{
    return policy_loader_scalar(l, node, "a number") ? load_number(l, node, fact, op) : NULL;
}

static bool kind_fits(enum pattern_kind kind, enum fact_type type)
{
    switch (type) {
    case FACT_ADDRESS:
        return kind == PATTERN_NETWORK;
    case FACT_DOMAIN:
        return kind == PATTERN_DOMAIN;
    case FACT_MAILBOX:
        return kind == PATTERN_MAILBOX || kind == PATTERN_DOMAIN;
    default:
        return true;
    }
}

static const char *needed_for(enum fact_type type)
{
    switch (type) {
    case FACT_ADDRESS:
        return "an address or network";
    case FACT_DOMAIN:
        return "a domain, *.domain or .domain";
    case FACT_MAILBOX:
        return "a mailbox, a domain or <>";
    default:
        return "a text";
    }
}

/** Free text stands for itself; only a domain pattern ("*.example.com", ".example.com") is more. */
static void read_text(struct policy_loader *l, const struct conf_node *node, struct pattern *out)
{
    struct slice text = node->text;
    if (!pattern_parse(text, l->arena, out) && out->kind == PATTERN_DOMAIN && (out->covers & PATTERN_BELOW))
        return;
    if (slice_index(text, '*') >= 0)
        conf_warning_at(
            l->errors, node,
            "\"*\" stands for itself in \"%.*s\"; only \"*.\" before a domain is a wildcard, as in *.example.com; `matches` takes "
            "regular expressions",
            SLICE_FMT(shown(node)));
    *out = (struct pattern){.kind = PATTERN_TEXT, .covers = PATTERN_SELF, .key = text};
}

static struct condition *load_pattern(struct policy_loader *l, const struct conf_node *node, int fact)
{
    const struct fact_def *def = fact_schema_def(l->schema, fact);
    struct condition *c = condition_new(l, CONDITION_MATCH, fact);
    if (def->type == FACT_TEXT || def->type == FACT_LIST) {
        read_text(l, node, &c->pattern);
        return c;
    }
    struct slice text = def->type == FACT_MAILBOX && slice_empty(node->text) ? SLICE("<>") : node->text;
    const char *error = pattern_parse(text, l->arena, &c->pattern);
    if (!error && kind_fits(c->pattern.kind, def->type))
        return c;
    conf_error_at(l->errors, node, "\"%s\" needs %s, not \"%.*s\"%s%s", def->name, needed_for(def->type), SLICE_FMT(shown(node)),
                  error ? ": " : "", error ? error : "");
    return NULL;
}

struct condition *condition_load_regex(struct policy_loader *l, const struct conf_node *node, int fact)
{
    char error[REGEX_ERROR_MAX];
    size_t offset;
    if (!policy_loader_scalar(l, node, "a regular expression"))
        return NULL;
    if (node->text.len > REGEX_PATTERN_MAX) {
        conf_error_at(l->errors, node, "a regular expression has at most %d bytes", REGEX_PATTERN_MAX);
        return NULL;
    }
    if (!l->regexes)
        l->regexes = regex_engine_new(l->arena);
    struct condition *c = condition_new(l, CONDITION_REGEX, fact);
    c->regex = regex_compile(l->regexes, node->text, l->arena, error, &offset);
    if (c->regex)
        return c;
    conf_error_at(l->errors, node, "\"%.*s\" is no regular expression: %s, at offset %zu", SLICE_FMT(shown(node)), error, offset);
    return NULL;
}

struct condition *condition_load_value(struct policy_loader *l, const struct conf_node *node, int fact)
{
    if (!policy_loader_scalar(l, node, "a value"))
        return NULL;
    switch (fact_schema_def(l->schema, fact)->type) {
    case FACT_WORD:
        return load_word(l, node, fact);
    case FACT_NUMBER:
        return load_number(l, node, fact, CONDITION_NUMBER);
    default:
        return load_pattern(l, node, fact);
    }
}
