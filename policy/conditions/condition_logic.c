/* condition_logic: see condition_logic.h. implies and excludes take conditions apart from the outside in until single tests are left. */
#include "policy/conditions/condition_logic.h"

static bool is_tired(struct condition_logic *logic)
{
    return ++logic->steps > CONDITION_LOGIC_STEPS;
}

static bool pattern_equal(const struct pattern *a, const struct pattern *b)
{
    if (a->kind != b->kind || a->covers != b->covers)
        return false;
    if (a->kind == PATTERN_NETWORK)
        return a->bits == b->bits && a->addr.family == b->addr.family && memcmp(a->addr.bytes, b->addr.bytes, sizeof a->addr.bytes) == 0;
    return slice_eq_nocase(a->key, b->key);
}

/** Two tests of one fact. */
static bool test_equal(const struct condition *a, const struct condition *b)
{
    if (a->op != b->op)
        return false;
    switch (a->op) {
    case CONDITION_PRESENT:
        return true;
    case CONDITION_WORD:
        return slice_eq(a->pattern.key, b->pattern.key);
    case CONDITION_NUMBER:
    case CONDITION_OVER:
    case CONDITION_UNDER:
        return a->number == b->number;
    case CONDITION_MATCH:
        return pattern_equal(&a->pattern, &b->pattern);
    case CONDITION_IN:
        return a->list == b->list;
    case CONDITION_REGEX:
        return regex_equal(a->regex, b->regex);
    default:
        return false;
    }
}

/** The numbers for which a test holds, as far as it is one of a number. */
struct range {
    int64_t first, last; /* none if first > last */
};

static bool range_of(const struct condition *c, struct range *out)
{
    *out = (struct range){INT64_MIN, INT64_MAX};
    switch (c->op) {
    case CONDITION_NUMBER:
        *out = (struct range){c->number, c->number};
        return true;
    case CONDITION_OVER:
        *out = c->number == INT64_MAX ? (struct range){1, 0} : (struct range){c->number + 1, INT64_MAX};
        return true;
    case CONDITION_UNDER:
        *out = c->number == INT64_MIN ? (struct range){1, 0} : (struct range){INT64_MIN, c->number - 1};
        return true;
    default:
        return false;
    }
}

static bool test_implies(const struct condition *a, const struct condition *b)
{
    struct range x, y;
    if (a->fact != b->fact)
        return false;
    if (b->op == CONDITION_PRESENT || test_equal(a, b))
        return true;
    if (range_of(a, &x) && range_of(b, &y))
        return x.first >= y.first && x.last <= y.last;
    return a->op == CONDITION_MATCH && b->op == CONDITION_MATCH && a->pattern.kind == PATTERN_NETWORK &&
           b->pattern.kind == PATTERN_NETWORK && a->pattern.bits >= b->pattern.bits &&
           pattern_matches_address(&b->pattern, &a->pattern.addr);
}

/** Two patterns that no value matches both of. */
static bool pattern_excludes(const struct pattern *a, const struct pattern *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == PATTERN_NETWORK)
        return !pattern_matches_address(a->bits < b->bits ? a : b, a->bits < b->bits ? &b->addr : &a->addr);
    return a->covers == PATTERN_SELF && b->covers == PATTERN_SELF && !slice_eq_nocase(a->key, b->key);
}

/** Whether two tests can never hold at once. A list may have one item for each. */
static bool test_excludes(const struct condition *a, const struct condition *b)
{
    struct range x, y;
    if (a->fact != b->fact || a->type == FACT_LIST)
        return false;
    if (a->op == CONDITION_WORD && b->op == CONDITION_WORD)
        return !slice_eq(a->pattern.key, b->pattern.key);
    if (range_of(a, &x) && range_of(b, &y))
        return x.first > y.last || y.first > x.last;
    return a->op == CONDITION_MATCH && b->op == CONDITION_MATCH && pattern_excludes(&a->pattern, &b->pattern);
}

static bool excludes(const struct condition *a, const struct condition *b, struct condition_logic *logic);

/** Whether every child of a, or at least one, implies b. */
static bool children_imply(const struct condition *a, const struct condition *b, bool every, struct condition_logic *logic)
{
    for (const struct condition *child = a->children; child; child = child->next)
        if (condition_implies(child, b, logic) != every)
            return !every;
    return every;
}

/** Whether a implies every child of b, or at least one. */
static bool implies_children(const struct condition *a, const struct condition *b, bool every, struct condition_logic *logic)
{
    for (const struct condition *child = b->children; child; child = child->next)
        if (condition_implies(a, child, logic) != every)
            return !every;
    return every;
}

bool condition_implies(const struct condition *a, const struct condition *b, struct condition_logic *logic)
{
    if (is_tired(logic))
        return false;
    if (a->op == CONDITION_ANY)
        return children_imply(a, b, true, logic);
    if (b->op == CONDITION_ALL)
        return implies_children(a, b, true, logic);
    if (b->op == CONDITION_ANY && implies_children(a, b, false, logic))
        return true;
    if (a->op == CONDITION_ALL)
        return children_imply(a, b, false, logic);
    if (a->op == CONDITION_NOT)
        return b->op == CONDITION_NOT && condition_implies(b->children, a->children, logic);
    if (b->op == CONDITION_NOT)
        return excludes(a, b->children, logic);
    return b->op != CONDITION_ANY && test_implies(a, b);
}

/** Whether every child, or at least one, can never hold together with the other condition. */
static bool children_exclude(const struct condition *parent, const struct condition *other, bool every, struct condition_logic *logic)
{
    for (const struct condition *child = parent->children; child; child = child->next)
        if (excludes(child, other, logic) != every)
            return !every;
    return every;
}

/** Whether a and b can never hold at once. */
static bool excludes(const struct condition *a, const struct condition *b, struct condition_logic *logic)
{
    if (is_tired(logic))
        return false;
    if (a->op == CONDITION_ANY)
        return children_exclude(a, b, true, logic);
    if (b->op == CONDITION_ANY)
        return children_exclude(b, a, true, logic);
    if (a->op == CONDITION_ALL)
        return children_exclude(a, b, false, logic);
    if (b->op == CONDITION_ALL)
        return children_exclude(b, a, false, logic);
    if (a->op == CONDITION_NOT)
        return condition_implies(b, a->children, logic);
    if (b->op == CONDITION_NOT)
        return condition_implies(a, b->children, logic);
    return test_excludes(a, b);
}

/** A fact that stands somewhere in it, for a message. */
static int some_fact(const struct condition *c)
{
    while (!condition_is_test(c))
        c = c->children;
    return c->fact;
}

static int contradiction_in_all(const struct condition *all, struct condition_logic *logic)
{
    for (const struct condition *a = all->children; a; a = a->next) {
        int fact = condition_contradiction(a, logic);
        if (fact >= 0)
            return fact;
        for (const struct condition *b = a->next; b && logic->steps <= CONDITION_LOGIC_STEPS; b = b->next)
            if (excludes(a, b, logic))
                return some_fact(b);
    }
    return -1;
}

int condition_contradiction(const struct condition *c, struct condition_logic *logic)
{
    int fact = -1;
    if (c->op == CONDITION_ALL)
        return contradiction_in_all(c, logic);
    if (c->op != CONDITION_ANY)
        return -1;
    for (const struct condition *child = c->children; child; child = child->next)
        if ((fact = condition_contradiction(child, logic)) < 0)
            return -1;
    return fact;
}
