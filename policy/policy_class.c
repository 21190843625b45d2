/* policy_class: see policy_class.h. A class is the truth of each test of a recipient's facts, in the order of the rules, four to a
 * hexadecimal digit. The rest of every condition depends on session and message alone, so equal digits mean equal decisions. */
#include "policy/policy_class.h"

typedef void (*visit_fn)(struct policy *policy, const struct condition *test);

static void count_test(struct policy *policy, const struct condition *test)
{
    policy->rcpt_test_count++;
}

static void add_test(struct policy *policy, const struct condition *test)
{
    policy->rcpt_tests[policy->rcpt_test_count++] = test;
}

static void visit(struct policy *policy, const struct condition *c, const struct fact_schema *schema, visit_fn fn)
{
    if (!condition_is_test(c))
        for (const struct condition *child = c->children; child; child = child->next)
            visit(policy, child, schema, fn);
    else if (fact_schema_def(schema, c->fact)->scope == FACT_RECIPIENT)
        fn(policy, c);
}

static void visit_rules(struct policy *policy, const struct fact_schema *schema, visit_fn fn)
{
    policy->rcpt_test_count = 0;
    for (const struct rule *rule = policy->stages[STAGE_DATA]; rule; rule = rule->next)
        if (rule->when && !rule->shadow)
            visit(policy, rule->when, schema, fn);
}

void policy_class_prepare(struct policy *policy, const struct fact_schema *schema, struct arena *arena)
{
    visit_rules(policy, schema, count_test);
    policy->rcpt_tests = arena_alloc(arena, policy->rcpt_test_count * sizeof *policy->rcpt_tests);
    visit_rules(policy, schema, add_test);
}

struct slice policy_rcpt_class(const struct policy *policy, const struct facts *facts, struct arena *arena)
{
    struct condition_look look = {0};
    size_t length = (policy->rcpt_test_count + 3) / 4;
    unsigned char *digits = arena_alloc(arena, length + 1);
    for (size_t i = 0; i < policy->rcpt_test_count; i++)
        if (condition_holds(policy->rcpt_tests[i], facts, &look))
            digits[i / 4] |= (unsigned char)(1u << i % 4);
    for (size_t i = 0; i < length; i++)
        digits[i] = (unsigned char)"0123456789abcdef"[digits[i]];
    return slice_make((const char *)digits, length);
}
