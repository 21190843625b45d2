/* condition: evaluation. See condition.h. */
#include "policy/conditions/condition.h"

static bool matches(const struct pattern *p, enum fact_type type, const struct fact_value *value)
{
    switch (type) {
    case FACT_ADDRESS:
        return pattern_matches_address(p, &value->addr);
    case FACT_MAILBOX:
        return pattern_matches_mailbox(p, value->text);
    case FACT_TEXT:
    case FACT_DOMAIN:
        return pattern_matches_text(p, value->text);
    case FACT_LIST:
        for (size_t i = 0; i < value->count; i++)
            if (pattern_matches_text(p, value->items[i]))
                return true;
        return false;
    case FACT_WORD:
    case FACT_NUMBER:
        break;
    }
    return false;
}

static bool regex_finds(const struct condition *c, struct slice text, struct condition_look *look)
{
    enum regex_result result = regex_search(c->regex, text);
    look->gave_up |= result == REGEX_GAVE_UP;
    return result == REGEX_YES;
}

static bool regex_holds(const struct condition *c, const struct fact_value *value, struct condition_look *look)
{
    if (c->type != FACT_LIST)
        return regex_finds(c, value->text, look);
    for (size_t i = 0; i < value->count; i++)
        if (regex_finds(c, value->items[i], look))
            return true;
    return false;
}

static bool test_holds(const struct condition *c, const struct fact_value *value, struct condition_look *look)
{
    if (!value->present)
        return false;
    switch (c->op) {
    case CONDITION_PRESENT:
        return true;
    case CONDITION_WORD:
        return slice_eq(value->text, c->pattern.key);
    case CONDITION_NUMBER:
        return value->number == c->number;
    case CONDITION_OVER:
        return value->number > c->number;
    case CONDITION_UNDER:
        return value->number < c->number;
    case CONDITION_MATCH:
        return matches(&c->pattern, c->type, value);
    case CONDITION_IN:
        return policy_list_holds(c->list, c->type, value);
    case CONDITION_REGEX:
        return regex_holds(c, value, look);
    case CONDITION_ALL:
    case CONDITION_ANY:
    case CONDITION_NOT:
        break;
    }
    return false;
}

static void note_fact(struct condition_look *look, int fact)
{
    for (size_t i = 0; i < look->count; i++)
        if (look->facts[i] == fact)
            return;
    look->facts[look->count++] = fact;
}

bool condition_holds(const struct condition *c, const struct facts *facts, struct condition_look *look)
{
    switch (c->op) {
    case CONDITION_NOT:
        return !condition_holds(c->children, facts, look);
    case CONDITION_ALL:
        for (const struct condition *child = c->children; child; child = child->next)
            if (!condition_holds(child, facts, look))
                return false;
        return true;
    case CONDITION_ANY:
        for (const struct condition *child = c->children; child; child = child->next)
            if (condition_holds(child, facts, look))
                return true;
        return false;
    default:
        if (look->facts)
            note_fact(look, c->fact);
        return test_holds(c, facts_get(facts, c->fact), look);
    }
}
