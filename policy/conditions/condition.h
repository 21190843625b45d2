/* condition: a rule's `when`, compiled to a tree. Evaluation is pure.
 *
 * An absent fact makes every comparison false but "absent"; `not` of a comparison with an absent fact is therefore true.
 * A word is equal to itself only: temperror is never fail. */
#ifndef POLICY_CONDITIONS_CONDITION_H
#define POLICY_CONDITIONS_CONDITION_H

#include "filters/lists/lists.h"
#include "policy/conditions/regex.h"

enum condition_op {
    CONDITION_ALL,     /* every child holds; without children true */
    CONDITION_ANY,     /* a child holds; without children false */
    CONDITION_NOT,     /* its one child does not hold */
    CONDITION_PRESENT, /* the fact is known */
    CONDITION_WORD,    /* the fact is this word (pattern.key) */
    CONDITION_NUMBER,  /* the fact is this number */
    CONDITION_OVER,    /* the fact is greater than the number */
    CONDITION_UNDER,   /* the fact is less than the number */
    CONDITION_MATCH,   /* the fact matches the pattern, by its type */
    CONDITION_IN,      /* the fact is in the list, by its type */
    CONDITION_REGEX,   /* the regular expression is found in the fact, or in one of its items */
};

struct condition {
    enum condition_op op;
    int fact; /* from _PRESENT on: a test */
    enum fact_type type;
    int64_t number;
    struct pattern pattern;
    const struct policy_list *list;
    const struct regex *regex;
    struct condition *children, *next;
};

struct policy_loader;

/** Reads a `when`. NULL after an error was noted. */
struct condition *condition_load(struct policy_loader *l, const struct conf_node *node);

/** What comes of evaluating besides the answer. */
struct condition_look {
    int *facts; /* those that were looked at until it was settled, each once; room for every fact of the schema. NULL: not wanted */
    size_t count;
    bool gave_up; /* a regular expression reached its limits, and counts as not found */
};
bool condition_holds(const struct condition *c, const struct facts *facts, struct condition_look *look);

/** Whether it looks at a fact, and is not made of other conditions. */
static inline bool condition_is_test(const struct condition *c)
{
    return c->op >= CONDITION_PRESENT;
}

/** Reads what stands behind a fact's name: a value, a list of values, or operators. Used by condition_load. */
struct condition *condition_load_test(struct policy_loader *l, const struct conf_node *node, int fact);
/** Reads one value that the fact is compared with. Used by condition_load_test. */
struct condition *condition_load_value(struct policy_loader *l, const struct conf_node *node, int fact);
/** Reads the number of over and under. */
struct condition *condition_load_bound(struct policy_loader *l, const struct conf_node *node, int fact, enum condition_op op);
/** Reads one regular expression. */
struct condition *condition_load_regex(struct policy_loader *l, const struct conf_node *node, int fact);
struct condition *condition_new(struct policy_loader *l, enum condition_op op, int fact);

#endif
