/* policytest_play: see policytest_play.h. */
#include "proxy/policytest/policytest_play.h"

#include "proxy/offline/rehearsal_cast.h"
#include "proxy/offline/rehearsal_record.h"
#include "proxy/policytest/policytest_coverage.h"
#include "proxy/settings/rcpt_route.h"

/** If the case names no stage it is the first one that has rules, of those at which all facts are known. */
static enum stage choose_stage(const struct policytest_case *c, const struct policy *policy)
{
    for (int stage = (int)c->stage; stage < STAGE_COUNT && !c->has_stage; stage++)
        if (policy_has_stage(policy, (enum stage)stage))
            return (enum stage)stage;
    return c->stage;
}

static struct rehearsal_step *decide(struct policytest_case *c, const struct policy *policy, struct arena *arena)
{
    struct rehearsal_step *first = NULL;
    struct rehearsal_recorder recorder = {.arena = arena, .facts = &c->facts, .last_step = &first};
    struct policy_trace trace = {rehearsal_record_trial, &recorder};
    struct rehearsal_step *step = rehearsal_record_step(&recorder, choose_stage(c, policy));
    struct decision *d = &step->decision;
    step->judged = true;
    policy_decide_traced(policy, step->stage, &c->facts, false, arena, d, &trace);
    step->refused = decision_refuses(d);
    if (step->refused)
        rehearsal_record_reply(&recorder, d->reply_code, arena_string(arena, d->reply_enhanced), d->reply_text);
    return step;
}

/** As it is for a session: of the listener that is given (else the first one), and there of the recipient. */
static const struct policy *choose_policy(const struct settings *s, const struct facts *facts, struct arena *arena)
{
    const struct fact_value *given = facts_get(facts, s->core.listener), *rcpt = facts_get(facts, s->core.rcpt);
    const struct listener_settings *listener;
    rehearsal_cast_listener(given->present ? arena_string(arena, given->text) : NULL, s, &listener);
    const struct rcpt_route *route = rcpt->present ? rcpt_route_find(listener, rcpt->text) : NULL;
    return route ? route->policy_loaded : listener->policy_loaded;
}

static struct rehearsal_step *play_given(struct policytest_stage *stage, struct policytest_suite *suite, struct policytest_case *c)
{
    const struct policy *policy = c->policy ? c->policy->policy : choose_policy(suite->settings, &c->facts, stage->arena);
    c->result.policy = policy_name(policy);
    return decide(c, policy, stage->arena);
}

static struct rehearsal_step *play_session(struct policytest_stage *stage, struct policytest_suite *suite, struct policytest_case *c)
{
    struct chain_tools tools = {.base = stage->base, .dns = policytest_stage_dns(stage, c)};
    struct rehearsal *rehearsal = arena_alloc(stage->arena, sizeof *rehearsal);
    rehearsal_play(suite->settings, &tools, &c->script, stage->arena, rehearsal);
    c->result.policy = c->script.listener->policy;
    return rehearsal->steps;
}

/** Recipients may have policies of their own: the one whose rules were tried. */
static void name_policy(const struct policytest_suite *suite, struct policytest_result *result)
{
    const struct policytest_rule *rule = NULL;
    const struct rehearsal_step *step = result->step ? result->step : result->last;
    if (step->trials)
        rule = policytest_coverage_find(suite, step->trials);
    if (rule)
        result->policy = rule->policy;
}

/** The last step; of a stage, if the case names one and a session was played. */
static const struct rehearsal_step *find_step(const struct policytest_case *c, const struct rehearsal_step *steps)
{
    const struct rehearsal_step *found = NULL;
    for (const struct rehearsal_step *step = steps; step; step = step->next)
        if (!c->has_stage || step->stage == c->stage)
            found = step;
    return found;
}

static const struct rehearsal_step *last_step(const struct rehearsal_step *steps)
{
    while (steps->next)
        steps = steps->next;
    return steps;
}

static bool compare(const struct policytest_case *c)
{
    for (int a = 0; a < POLICYTEST_ASPECTS; a++) {
        const struct policytest_texts *expected = &c->expected.of[a];
        if (expected->known && !policytest_picture_holds((enum policytest_aspect)a, expected, &c->result.got.of[a]))
            return false;
    }
    return true;
}

void policytest_play_case(struct policytest_stage *stage, struct policytest_suite *suite, struct policytest_case *c)
{
    struct policytest_result *result = &c->result;
    const struct rehearsal_step *steps = c->plays ? play_session(stage, suite, c) : play_given(stage, suite, c);
    policytest_coverage_note(suite, steps);
    result->last = last_step(steps);
    result->step = find_step(c, steps);
    name_policy(suite, result);
    if (result->step)
        result->got = policytest_picture_of(result->step, stage->arena);
    result->passed = result->step && compare(c);
}
