/* status_plan: see status_plan.h. */
#include "proxy/status/status_plan.h"

#include "proxy/status/status_name.h"

#include <stdlib.h>

enum { RULES_MAX = 50000 }; /* beyond that rules are not counted one by one */

static const char *const totals[STATUS_TOTALS] = {
    "sessions",          "sessions open",    "recipients accepted",  "recipients refused", "messages accepted",
    "messages deferred", "messages refused", "messages unconfirmed", "messages aborted",   "regex gave up",
};

static const char *const of_listener[STATUS_OF_LISTENER] = {
    "sessions",
    "open",
    "refused worker full",
    "refused sessions",
    "refused per address",
    "refused per network",
    "refused rate",
    "refused network rate",
    "refused descriptors",
};

static const char *const of_backend[STATUS_OF_BACKEND] = {"up", "down", "drained", "sessions", "kept"};

static const char *const of_rule[STATUS_OF_RULE] = {"matched", "shadow"};

/* The index of the counter. */
static size_t add(struct status_plan *plan, struct arena *arena, enum stats_kind kind, const char *const *parts)
{
    if (plan->count == plan->room) {
        size_t room = plan->room ? plan->room * 2 : 256;
        struct stats_def *larger = arena_alloc(arena, room * sizeof *larger);
        if (plan->count)
            memcpy(larger, plan->defs, plan->count * sizeof *larger);
        plan->defs = larger;
        plan->room = room;
    }
    plan->defs[plan->count] = (struct stats_def){status_name_make(arena, parts), kind};
    return plan->count++;
}

#define ADD(plan, arena, ...) add(plan, arena, STATS_COUNTER, (const char *const[]){__VA_ARGS__, NULL})

static void add_totals(struct status_plan *plan, struct arena *arena)
{
    for (size_t i = 0; i < STATUS_TOTALS; i++)
        add(plan, arena, i == STATUS_SESSIONS_OPEN ? STATS_GAUGE : STATS_COUNTER, (const char *const[]){"total", totals[i], NULL});
}

static void add_listeners(struct status_plan *plan, struct arena *arena, const struct settings *settings)
{
    plan->listeners = plan->count;
    for (size_t i = 0; i < settings->listener_count; i++) {
        char address[NET_ADDR_TEXT];
        net_addr_format(&settings->listeners[i].address, address);
        for (size_t n = 0; n < STATUS_OF_LISTENER; n++)
            add(plan, arena, n == STATUS_LISTENER_OPEN ? STATS_GAUGE : STATS_COUNTER,
                (const char *const[]){"listener", address, of_listener[n], NULL});
    }
}

static void add_server(struct status_plan *plan, struct arena *arena, const char *backend, const char *server)
{
    for (size_t n = 0; n < STATUS_OF_BACKEND; n++)
        add(plan, arena, STATS_GAUGE, (const char *const[]){"backend", backend, server, of_backend[n], NULL});
}

static void add_backends(struct status_plan *plan, struct arena *arena, const struct settings *settings)
{
    plan->backends = plan->count;
    for (size_t i = 0; i < settings->backend_count; i++) {
        const struct backend_settings *b = &settings->backends[i];
        const struct server_settings *servers = b->servers.items;
        for (size_t n = 0; n < b->servers.count; n++)
            add_server(plan, arena, b->name, servers[n].address);
    }
}

static void add_fact(struct status_plan *plan, struct arena *arena, const struct fact_def *def, int id)
{
    struct status_words *w = &plan->words[def->since][plan->word_count[def->since]++];
    *w = (struct status_words){.fact = id, .scope = def->scope, .words = def->words, .first = plan->count};
    for (const char *const *word = def->words; *word; word++)
        ADD(plan, arena, "fact", def->name, *word);
}

static void add_facts(struct status_plan *plan, struct arena *arena, const struct fact_schema *schema)
{
    size_t count = fact_schema_count(schema);
    for (size_t stage = 0; stage < STAGE_COUNT; stage++)
        plan->words[stage] = arena_alloc(arena, count * sizeof *plan->words[stage]);
    for (int id = 0; id < (int)count; id++) {
        const struct fact_def *def = fact_schema_def(schema, id);
        if (def->type == FACT_WORD && def->words && !fact_schema_off(schema, id))
            add_fact(plan, arena, def, id);
    }
}

static void add_actions(struct status_plan *plan, struct arena *arena)
{
    plan->actions = plan->count;
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        for (int action = 0; action < ACTION_COUNT; action++)
            ADD(plan, arena, "action", stage_name((enum stage)stage), action_name((enum action)action));
}

/* Counters of a candidate that is not there have a place, too, so that the places can be computed; their names say nothing. */
static void add_stage(struct status_plan *plan, struct arena *arena, const struct policy_settings *p, enum stage stage)
{
    const char *name = stage_name(stage);
    const struct policy *candidate = policy_candidate(p->policy);
    const char *other = candidate ? policy_name(candidate) : "";
    ADD(plan, arena, "stage", p->name, name, "decisions");
    ADD(plan, arena, "stage", p->name, name, "no rule");
    ADD(plan, arena, "candidate", p->name, name, other, "differs");
    ADD(plan, arena, "candidate", p->name, name, other, "other rule");
}

static void add_rules(struct status_plan *plan, struct arena *arena, const struct policy_settings *p)
{
    size_t count;
    const struct policy_listing *rules = policy_list_rules(p->policy, arena, &count);
    for (size_t i = 0; i < count && plan->rule_count < RULES_MAX; i++) {
        plan->rules[plan->rule_count++] = (struct status_rule){rules[i].rule, plan->count};
        for (size_t n = 0; n < STATUS_OF_RULE; n++)
            ADD(plan, arena, "rule", p->name, stage_name(rules[i].stage), rules[i].rule, of_rule[n]);
    }
}

static int compare_rules(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct status_rule *)a)->rule, y = (uintptr_t)((const struct status_rule *)b)->rule;
    return (x > y) - (x < y);
}

static void add_policies(struct status_plan *plan, struct arena *arena, const struct settings *settings)
{
    size_t rules = 0;
    for (size_t i = 0; i < settings->policy_count; i++)
        rules += settings->policies[i].rules;
    plan->rules = arena_alloc(arena, (rules < RULES_MAX ? rules : RULES_MAX) * sizeof *plan->rules);
    plan->policies = arena_alloc(arena, settings->policy_count * sizeof *plan->policies);
    for (size_t i = 0; i < settings->policy_count; i++) {
        plan->policies[plan->policy_count++] = (struct status_policy){settings->policies[i].policy, plan->count};
        for (int stage = 0; stage < STAGE_COUNT; stage++)
            add_stage(plan, arena, &settings->policies[i], (enum stage)stage);
        add_rules(plan, arena, &settings->policies[i]);
    }
    qsort(plan->rules, plan->rule_count, sizeof *plan->rules, compare_rules);
}

const struct status_plan *status_plan_new(const struct settings *settings)
{
    struct status_plan *plan = arena_alloc(settings->arena, sizeof *plan);
    add_totals(plan, settings->arena);
    add_listeners(plan, settings->arena, settings);
    add_backends(plan, settings->arena, settings);
    add_facts(plan, settings->arena, settings->facts);
    add_actions(plan, settings->arena);
    add_policies(plan, settings->arena, settings);
    return plan;
}
