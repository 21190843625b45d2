/* policy_condition_load: reads the structure of a `when`: maps are AND, lists are OR, and any, all, not; and below a fact's name
 * the operators. Values are read by policy_condition_value.c. Nesting is bounded by the YAML reader. */
#include "policy/policy_loader.h"

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
    return fact < 0 ? NULL : condition_load_test(l, node, fact);
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

static struct condition *load_in_one(struct policy_loader *l, const struct conf_node *node, int fact)
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

static struct condition *load_in(struct policy_loader *l, const struct conf_node *node, int fact)
{
    const struct fact_def *def = fact_schema_def(l->schema, fact);
    if (def->type == FACT_NUMBER || def->type == FACT_WORD) {
        conf_error_at(l->errors, node, "operator \"in\" does not fit \"%s\", which is a %s", def->name, fact_type_name(def->type));
        return NULL;
    }
    return node->kind == CONF_LIST ? combine(l, node, CONDITION_ANY, load_in_one, fact) : load_in_one(l, node, fact);
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

/** One key of a map below a fact's name. */
static struct condition *load_operator(struct policy_loader *l, const struct conf_node *node, int fact)
{
    static const char *const operators[] = {"in", "not", "over", "under", "absent", "present"};
    if (slice_eq(node->key, SLICE("in")))
        return load_in(l, node, fact);
    if (slice_eq(node->key, SLICE("not")))
        return negate(l, condition_load_test(l, node, fact));
    if (slice_eq(node->key, SLICE("over")))
        return condition_load_bound(l, node, fact, CONDITION_OVER);
    if (slice_eq(node->key, SLICE("under")))
        return condition_load_bound(l, node, fact, CONDITION_UNDER);
    if (slice_eq(node->key, SLICE("absent")))
        return load_presence(l, node, fact, false);
    if (slice_eq(node->key, SLICE("present")))
        return load_presence(l, node, fact, true);
    policy_loader_unknown(l, node, AT_KEY, "operator", operators, sizeof operators / sizeof operators[0]);
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
