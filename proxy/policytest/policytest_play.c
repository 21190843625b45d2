/* policytest_play: see policytest_play.h. */
#include "proxy/policytest/policytest_play.h"

#include "proxy/offline/message_file.h"
#include "proxy/offline/rehearsal_cast.h"
#include "proxy/offline/rehearsal_record.h"
#include "proxy/policytest/policytest_coverage.h"
#include "proxy/policytest/policytest_reader.h"
#include "proxy/settings/rcpt_route.h"

#include <errno.h>
#include <stdio.h>

enum { READ_SIZE = 65536, READ_BEYOND = 1024 * 1024 };

void policytest_play_open(struct policytest_stage *stage)
{
    *stage = (struct policytest_stage){.arena = arena_new(), .base = event_base_new()};
}

/** What is played may hold queries, so it goes first; the zones do not live in its arena. */
void policytest_play_close(struct policytest_stage *stage)
{
    arena_free(&stage->arena);
    for (struct policytest_zone *z = stage->zones; z; z = z->next)
        dns_free(&z->dns);
    event_base_free(stage->base);
}

/* ---- zones and messages ---- */

static struct policytest_zone *find_zone(const struct policytest_stage *stage, const char *path)
{
    for (struct policytest_zone *z = stage->zones; z; z = z->next)
        if (z->path == path || (z->path && path && strcmp(z->path, path) == 0))
            return z;
    return NULL;
}

/** NULL, or why it cannot be used. Nothing is ever asked from a server: a test says the same everywhere. */
static const char *open_zone(struct policytest_stage *stage, const struct settings *settings, const char *path, struct arena *arena)
{
    struct dns_options options = settings_dns_options(&settings->dns);
    const char *error = NULL;
    if (find_zone(stage, path))
        return NULL;
    options.forward = NULL;
    options.forward_count = 0;
    options.trust_anchor = NULL;
    options.zone_file = path ? path : "/dev/null";
    struct dns *dns = dns_new(stage->base, &options, &error);
    if (!dns)
        return error;
    struct policytest_zone *zone = arena_alloc(arena, sizeof *zone);
    *zone = (struct policytest_zone){.path = path, .dns = dns, .next = stage->zones};
    stage->zones = zone;
    return NULL;
}

/** More than any message may have is not read. */
static bool read_file(const char *path, size_t most, struct buf *out)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    for (size_t n = 1; n > 0 && out->len < most; out->len += n)
        n = fread(buf_reserve(out, READ_SIZE), 1, READ_SIZE, file);
    int failed = ferror(file) ? errno : 0;
    fclose(file);
    errno = failed;
    return !failed;
}

/** A message of several lines stands in the test file itself. */
static bool read_message(const struct conf_node *node, const char *path, size_t most, struct buf *out)
{
    if (slice_index(node->text, '\n') < 0)
        return read_file(path, most, out);
    buf_add(out, node->text);
    return true;
}

static void prepare_message(struct policytest_case *c, const struct settings *settings, struct policytest_reader *r)
{
    struct buf file = {0}, wire = {0};
    struct message_file about;
    const char *path = policytest_reader_path(r, c->message);
    if (read_message(c->message, path, (size_t)settings->limits.message_size + READ_BEYOND, &file)) {
        message_file_send(buf_slice(&file), &wire, &about);
        c->script.wire = arena_copy(r->arena, buf_slice(&wire));
    } else {
        conf_error_at(r->errors, c->message, "%s: %s", path, strerror(errno));
    }
    buf_release(&file);
    buf_release(&wire);
}

void policytest_play_prepare(struct policytest_stage *stage, const struct settings *settings, struct policytest_case *c,
                             struct arena *arena, struct conf_errors *errors)
{
    struct policytest_reader r = {.settings = settings, .arena = arena, .errors = errors};
    if (!c->plays)
        return;
    const char *wrong = open_zone(stage, settings, c->zone, arena);
    if (wrong)
        conf_error_at(errors, c->node, "zone: %s", wrong);
    if (c->message)
        prepare_message(c, settings, &r);
}

/* ---- playing ---- */

/** If the case names no stage it is the first one that has rules, of those at which all facts are known. */
static enum stage choose_stage(const struct policytest_case *c, const struct policy *policy)
{
    for (int stage = c->stage; stage < STAGE_COUNT && !c->has_stage; stage++)
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
    struct chain_tools tools = {.base = stage->base, .dns = find_zone(stage, c->zone)->dns};
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
