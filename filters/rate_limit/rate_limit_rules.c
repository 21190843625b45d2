/* rate_limit_rules: overrides and costs: their checks, and which of them applies. */
#include "base/config/option_units.h"
#include "filters/filter.h"
#include "filters/rate_limit/rate_limit.h"

#include <inttypes.h>

static const struct conf_node *node_of(const struct conf_node *section, const char *key)
{
    const struct conf_node *node = conf_get(section, key);
    return node ? node : section;
}

static const struct policy_list *find_list(struct filter_setup *setup, const char *name, const struct conf_node *node)
{
    const struct policy_list *list = policy_list_find(setup->lists, slice_of(name));
    if (list)
        return list;
    const char *near = policy_list_nearest(setup->lists, slice_of(name), setup->arena);
    conf_error_at(setup->errors, node, "there is no list \"%s\" under lists%s%s%s", name, near ? "; did you mean \"" : "", near ? near : "",
                  near ? "\"?" : "");
    return NULL;
}

/** A word is looked up as a text. */
static enum fact_type type_looked_up(enum fact_type type)
{
    return type == FACT_WORD ? FACT_TEXT : type;
}

static void check_override_list(struct filter_setup *setup, const struct rate_limit *limit, struct rate_override *o)
{
    bool fits = limit->part_count == 0; /* else its mistake was told */
    o->list = find_list(setup, o->in, node_of(o->node, "in"));
    for (size_t i = 0; i < limit->part_count; i++)
        fits |= o->list && policy_list_fits(o->list, type_looked_up(limit->parts[i].type));
    if (o->list && !fits)
        conf_error_at(setup->errors, node_of(o->node, "in"), "no entry of \"%s\" could be a part of this limit's key", o->in);
}

static void check_override_rate(struct filter_setup *setup, struct rate_override *o)
{
    struct option_rate rate;
    o->unlimited = strcmp(o->rate_text, "unlimited") == 0;
    if (o->unlimited)
        return;
    if (!option_rate_parse(slice_of(o->rate_text), &rate)) {
        conf_error_at(setup->errors, node_of(o->node, "rate"), "must be a rate such as 1000/1h, or unlimited");
        return;
    }
    if (o->burst == 0)
        o->burst = rate.count;
    if (!gcra_limit_make(rate.count, rate.period_ms, o->burst, &o->gcra))
        conf_error_at(setup->errors, o->node, "a burst of %" PRId64 " at this rate would reach further than %d days", o->burst,
                      GCRA_HORIZON_DAYS);
}

static void check_override(struct filter_setup *setup, const struct rate_limit *limit, struct rate_override *o)
{
    if (o->in)
        check_override_list(setup, limit, o);
    if (o->rate_text)
        check_override_rate(setup, o);
    if (limit->unit == RATE_SESSIONS && !o->unlimited && o->max == 0)
        conf_error_at(setup->errors, o->node, "\"max\" is needed, or \"rate: unlimited\"");
    if (limit->unit != RATE_SESSIONS && !o->rate_text)
        conf_error_at(setup->errors, o->node, "\"rate\" is needed, such as 1000/1h, or unlimited");
}

/** A list without a name, of the values in place. */
static const struct policy_list *make_list(struct filter_setup *setup, const struct rate_cost *c, const struct fact_def *def)
{
    struct policy_list *list = policy_list_new("is", setup->arena);
    const char *const *values = c->is.items;
    for (size_t i = 0; i < c->is.count; i++) {
        const char *wrong = policy_list_add(list, slice_of(values[i]), setup->arena);
        size_t w = 0;
        while (def->type == FACT_WORD && def->words[w] && strcmp(def->words[w], values[i]) != 0)
            w++;
        if (wrong)
            conf_error_at(setup->errors, node_of(c->node, "is"), "\"%s\": %s", values[i], wrong);
        else if (def->type == FACT_WORD && !def->words[w])
            conf_error_at(setup->errors, node_of(c->node, "is"), "\"%s\" is no value that \"%s\" can have", values[i], def->name);
    }
    policy_list_seal(list);
    return list;
}

static const struct fact_def *find_cost_fact(struct filter_setup *setup, const struct rate_limit *limit, struct rate_cost *c)
{
    const struct conf_node *node = node_of(c->node, "fact");
    enum stage last = rate_unit_stage((enum rate_unit)limit->unit);
    c->fact = fact_schema_find(setup->schema, slice_of(c->fact_name));
    if (c->fact < 0 || c->fact >= setup->fact_base) {
        const char *near = fact_schema_nearest(setup->schema, slice_of(c->fact_name));
        conf_error_at(setup->errors, node, "unknown fact \"%s\"%s%s%s", c->fact_name, near ? "; did you mean \"" : "", near ? near : "",
                      near ? "\"?" : "");
        return NULL;
    }
    const struct fact_def *def = fact_schema_def(setup->schema, c->fact);
    c->type = type_looked_up(def->type);
    if (def->since > last)
        conf_error_at(setup->errors, node, "\"%s\" is not known before stage %s; this unit is counted at stage %s", c->fact_name,
                      stage_name(def->since), stage_name(last));
    else if (rate_limit_is_of_one_recipient(limit, def))
        conf_error_at(setup->errors, node, "\"%s\" differs between the recipients of a message; take the unit recipients", c->fact_name);
    else if (def->type == FACT_NUMBER)
        conf_error_at(setup->errors, node, "\"%s\" is a number, which cannot be looked up", c->fact_name);
    else
        return def;
    return NULL;
}

static void check_cost(struct filter_setup *setup, const struct rate_limit *limit, struct rate_cost *c)
{
    const struct fact_def *def = c->fact_name ? find_cost_fact(setup, limit, c) : NULL;
    if ((c->is.count > 0) == (c->in != NULL))
        conf_error_at(setup->errors, c->node, "either \"is\", with values, or \"in\", with a list, is needed");
    else if (def && c->in)
        c->list = find_list(setup, c->in, node_of(c->node, "in"));
    else if (def)
        c->list = make_list(setup, c, def);
    if (c->list && !policy_list_fits(c->list, c->type))
        conf_error_at(setup->errors, c->node, "no entry could be \"%s\", which is of type %s", c->fact_name, fact_type_name(def->type));
    if (limit->burst > 0 && c->cost > limit->burst)
        conf_error_at(setup->errors, c->node, "an event costs %" PRId64 ", more than the burst of %" PRId64, c->cost, limit->burst);
}

void rate_limit_check_rules(struct filter_setup *setup, struct rate_limit *limit)
{
    struct rate_override *overrides = limit->overrides.items;
    struct rate_cost *costs = limit->costs.items;
    for (size_t i = 0; i < limit->overrides.count; i++)
        check_override(setup, limit, &overrides[i]);
    for (size_t i = 0; i < limit->costs.count; i++)
        check_cost(setup, limit, &costs[i]);
}

static bool applies(const struct rate_override *o, const struct rate_limit *limit, const struct fact_value *values)
{
    for (size_t i = 0; i < limit->part_count; i++)
        if (values[i].present && policy_list_holds(o->list, type_looked_up(limit->parts[i].type), &values[i]))
            return true;
    return false;
}

struct rate_terms rate_limit_terms(const struct rate_limit *limit, const struct fact_value *values)
{
    const struct rate_override *overrides = limit->overrides.items;
    for (size_t i = 0; i < limit->overrides.count; i++)
        if (applies(&overrides[i], limit, values))
            return (struct rate_terms){overrides[i].unlimited, &overrides[i].gcra, overrides[i].max};
    return (struct rate_terms){false, &limit->gcra, limit->max};
}

int64_t rate_limit_cost(const struct rate_limit *limit, const struct facts *facts)
{
    const struct rate_cost *costs = limit->costs.items;
    for (size_t i = 0; i < limit->costs.count; i++) {
        const struct fact_value *value = facts_get(facts, costs[i].fact);
        if (value->present && policy_list_holds(costs[i].list, costs[i].type, value))
            return costs[i].cost;
    }
    return limit->cost;
}
