/* policy_condition: a rule's `when`, compiled to a tree. Evaluation is pure.
 *
 * An absent fact makes every comparison false but "absent"; `not` of a comparison with an absent fact is therefore true.
 * A word is equal to itself only: temperror is never fail. */
#ifndef POLICY_POLICY_CONDITION_H
#define POLICY_POLICY_CONDITION_H

#include "filters/lists/lists.h"

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
};

struct condition {
    enum condition_op op;
    int fact; /* from _PRESENT on */
    enum fact_type type;
    int64_t number;
    struct pattern pattern;
    const struct policy_list *list;
    struct condition *children, *next;
};

struct policy_loader;

/** Reads a `when`. NULL after an error was noted. */
struct condition *condition_load(struct policy_loader *l, const struct conf_node *node);
bool condition_holds(const struct condition *c, const struct facts *facts);
/** The same, and which facts were looked at, until it was settled. */
struct condition_look {
    int *facts; /* room for every fact of the schema */
    size_t count;
};
bool condition_holds_looking(const struct condition *c, const struct facts *facts, struct condition_look *look);

/** Reads what stands behind a fact's name: a value, a list of values, or operators. Used by condition_load. */
struct condition *condition_load_test(struct policy_loader *l, const struct conf_node *node, int fact);
/** Reads one value that the fact is compared with. Used by condition_load_test. */
struct condition *condition_load_value(struct policy_loader *l, const struct conf_node *node, int fact);
/** Reads the number of over and under. */
struct condition *condition_load_bound(struct policy_loader *l, const struct conf_node *node, int fact, enum condition_op op);
struct condition *condition_new(struct policy_loader *l, enum condition_op op, int fact);

#endif
