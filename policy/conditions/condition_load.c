/* condition_load: reads the structure of a `when`: maps are AND, lists are OR, and any, all, not; and below a fact's name
 * the operators. Values are read by condition_value.c. Nesting is bounded by the YAML reader. */
#include "policy/policy_loader.h"
#include "policy/policy_words.h"

struct condition *condition_new(struct policy_loader *l, enum condition_op op, int fact)
{
    struct condition *c = arena_alloc(l->arena, sizeof *c);
    c->op = op;
    c->fact = fact;
    if (fact >= 0)
        c->type = fact_schema_def(l->schema, fact)->type;
    return c;
}

static struct condition *negate(struct policy_loader *l, struct condition *child)
{
    if (!child)
        return NULL;
    struct condition *c = condition_new(l, CONDITION_NOT, -1);
    c->children = child;
    return c;
}

typedef struct condition *(*load_child_fn)(struct policy_loader *l, const struct conf_node *node, int fact);

/** One condition over all children of node; every child is read even after an error, so that all errors are told. */
static struct condition *combine(struct policy_loader *l, const struct conf_node *node, enum condition_op op, load_child_fn load, int fact)
{
    struct condition *c = condition_new(l, op, -1), **last = &c->children;
    bool good = true;
    if (node->count == 0) {
        conf_error_at(l->errors, node, "%s is empty", conf_kind_name(node->kind));
        return NULL;
    }
    for (const struct conf_node *n = node->children; n; n = n->next) {
        *last = load(l, n, fact);
        good &= *last != NULL;
        if (*last)
            last = &(*last)->next;
    }
    return good ? c : NULL;
}

static struct condition *load_any_of(struct policy_loader *l, const struct conf_node *node, int ignored);

/** One key of a map: any, all, not, or a fact. */
static struct condition *load_key(struct policy_loader *l, const struct conf_node *node, int ignored)
{
    bool any = slice_eq(node->key, SLICE("any")), all = slice_eq(node->key, SLICE("all"));
    if ((any || all) && node->kind == CONF_SCALAR) {
        conf_error_at(l->errors, node, "a list of conditions is needed");
        return NULL;
    }
    if (any || all)
        return combine(l, node, any ? CONDITION_ANY : CONDITION_ALL, node->kind == CONF_MAP ? load_key : load_any_of, -1);
    if (slice_eq(node->key, SLICE("not")))
        return negate(l, condition_load(l, node));
    int fact = policy_loader_fact(l, node, AT_KEY, node->key);
    if (fact < 0)
        return NULL;
    policy_loader_check_split(l, node, fact);
    return condition_load_test(l, node, fact);
}

static struct condition *load_any_of(struct policy_loader *l, const struct conf_node *node, int ignored)
{
    return condition_load(l, node);
}

struct condition *condition_load(struct policy_loader *l, const struct conf_node *node)
{
    switch (node->kind) {
    case CONF_MAP:
        return combine(l, node, CONDITION_ALL, load_key, -1);
    case CONF_LIST:
        return combine(l, node, CONDITION_ANY, load_any_of, -1);
    case CONF_SCALAR:
        break;
    }
    conf_error_at(l->errors, node, "a condition is a mapping such as {spf: fail}; leave `when` out for a rule that always applies");
    return NULL;
}

static struct condition *load_in(struct policy_loader *l, const struct conf_node *node, int fact)
{
    if (!policy_loader_scalar(l, node, "a list's name"))
        return NULL;
    const struct fact_def *def = fact_schema_def(l->schema, fact);
    const struct policy_list *list = policy_list_find(l->lists, node->text);
    if (!list) {
        const char *near = policy_list_nearest(l->lists, node->text, l->arena);
        struct slice shown = slice_first(node->text, 80);
        if (near)
            conf_error_at(l->errors, node, "undefined list \"%.*s\"; did you mean \"%s\"?", SLICE_FMT(shown), near);
        else
            conf_error_at(l->errors, node, "undefined list \"%.*s\"; lists are defined under `lists`, values stand without `in`",
                          SLICE_FMT(shown));
        return NULL;
    }
    if (!policy_list_fits(list, def->type)) {
        conf_error_at(l->errors, node, "list \"%s\" has no entry that \"%s\" (%s) could match", list->name, def->name,
                      fact_type_name(def->type));
        return NULL;
    }
    struct condition *c = condition_new(l, CONDITION_IN, fact);
    c->list = list;
    return c;
}

/** What an operator has behind it: one thing, or a list of which one must hold. */
static struct condition *load_one_or_any(struct policy_loader *l, const struct conf_node *node, load_child_fn load, int fact)
{
    return node->kind == CONF_LIST ? combine(l, node, CONDITION_ANY, load, fact) : load(l, node, fact);
}

static struct condition *load_presence(struct policy_loader *l, const struct conf_node *node, int fact, bool present)
{
    bool yes = node->kind == CONF_SCALAR && slice_eq(node->text, SLICE("true"));
    if (!yes && !(node->kind == CONF_SCALAR && slice_eq(node->text, SLICE("false")))) {
        conf_error_at(l->errors, node, "true or false is needed");
        return NULL;
    }
    struct condition *c = condition_new(l, CONDITION_PRESENT, fact);
    return yes == present ? c : negate(l, c);
}

static int find_operator(struct slice name)
{
    for (int i = 0; i < OPERATOR_COUNT; i++)
        if (slice_eq(name, slice_of(policy_operators[i].name)))
            return i;
    return -1;
}

static void unknown_operator(struct policy_loader *l, const struct conf_node *node)
{
    const char *names[OPERATOR_COUNT];
    for (int i = 0; i < OPERATOR_COUNT; i++)
        names[i] = policy_operators[i].name;
    policy_loader_unknown(l, node, AT_KEY, "operator", names, OPERATOR_COUNT);
}

/** Whether the operator can be applied to the fact. */
static bool check_type(struct policy_loader *l, const struct conf_node *node, enum operator_word word, int fact)
{
    const struct fact_def *def = fact_schema_def(l->schema, fact);
    if (policy_operators[word].types & POLICY_BIT(def->type))
        return true;
    conf_error_at(l->errors, node, "operator \"%s\" %s \"%s\", which is %s %s", policy_operators[word].name,
                  policy_operators[word].shape == SHAPE_NUMBER ? "needs a number and does not fit" : "does not fit", def->name,
                  def->type == FACT_ADDRESS ? "an" : "a", fact_type_name(def->type));
    return false;
}

/** One key of a map below a fact's name. */
static struct condition *load_operator(struct policy_loader *l, const struct conf_node *node, int fact)
{
    int word = find_operator(node->key);
    if (word < 0) {
        unknown_operator(l, node);
        return NULL;
    }
    if (!check_type(l, node, (enum operator_word)word, fact))
        return NULL;
    switch ((enum operator_word)word) {
    case OPERATOR_IN:
        return load_one_or_any(l, node, load_in, fact);
    case OPERATOR_NOT:
        return negate(l, condition_load_test(l, node, fact));
    case OPERATOR_OVER:
        return condition_load_bound(l, node, fact, CONDITION_OVER);
    case OPERATOR_UNDER:
        return condition_load_bound(l, node, fact, CONDITION_UNDER);
    case OPERATOR_MATCHES:
        return load_one_or_any(l, node, condition_load_regex, fact);
    case OPERATOR_ABSENT:
        return load_presence(l, node, fact, false);
    case OPERATOR_PRESENT:
        return load_presence(l, node, fact, true);
    case OPERATOR_COUNT:
        break;
    }
    return NULL;
}

static bool is_bare(const struct conf_node *node, struct slice word)
{
    return !node->quoted && slice_eq(node->text, word);
}

struct condition *condition_load_test(struct policy_loader *l, const struct conf_node *node, int fact)
{
    if (node->kind == CONF_MAP)
        return combine(l, node, CONDITION_ALL, load_operator, fact);
    if (node->kind == CONF_LIST)
        return combine(l, node, CONDITION_ANY, condition_load_test, fact);
    if (is_bare(node, SLICE("absent")))
        return negate(l, condition_new(l, CONDITION_PRESENT, fact));
    if (is_bare(node, SLICE("present")))
        return condition_new(l, CONDITION_PRESENT, fact);
    return condition_load_value(l, node, fact);
}
