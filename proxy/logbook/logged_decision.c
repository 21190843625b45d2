/* logged_decision: see logged_decision.h. */
#include "proxy/logbook/logged_decision.h"

#include "base/log.h"
#include "base/text_list.h"
#include "proxy/logbook/logged_facts.h"
#include "proxy/offline/rehearsal_record.h"

enum { NAME_SHOWN = 80 };

struct reading {
    const struct settings *settings;
    struct arena *arena;
    struct logged_decision *out;
    struct report_note **last_note;
};

static void note(struct reading *r, const char *text)
{
    struct report_note *n = arena_alloc(r->arena, sizeof *n);
    n->text = text;
    *r->last_note = n;
    r->last_note = &n->next;
}

/* Names of facts come from the log: escaped like any other value. */
static void on_lost(void *ctx, struct slice name, const char *why)
{
    struct reading *r = ctx;
    struct buf text = {0};
    log_escape(&text, slice_first(name, NAME_SHOWN));
    note(r, arena_format(r->arena, "%.*s %s", SLICE_FMT(buf_slice(&text)), why));
    buf_release(&text);
}

bool logged_decision_is(const struct log_line *line, const char *session, int64_t tx)
{
    return log_line_is(line, "event", "decision") && log_line_is(line, "session", session) &&
           (tx == 0 || log_line_number(line, "tx") == tx);
}

static bool read_stage(const struct log_line *line, enum stage *stage)
{
    for (int i = 0; i < STAGE_COUNT; i++)
        if (log_line_is(line, "stage", stage_name((enum stage)i))) {
            *stage = (enum stage)i;
            return true;
        }
    return false;
}

static const struct policy *choose_policy(struct reading *r)
{
    const struct settings *s = r->settings;
    struct slice name = log_line_get(&r->out->line, "policy");
    for (size_t i = 0; i < s->policy_count; i++)
        if (slice_eq(name, slice_of(s->policies[i].name)))
            return s->policies[i].policy;
    note(r, "this configuration has no policy of the name that stands in the log; the policy of its first listener decides instead");
    return s->listeners[0].policy_loaded;
}

/* ---- what the line says was decided ---- */

static bool is_action(struct slice word)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        if (slice_eq(word, slice_of(action_name((enum action)i))))
            return true;
    return false;
}

/* A session that is trusted since an earlier stage has the name of that rule on all its lines, but no rule was tried. */
static bool trusted_before(const struct reading *r)
{
    size_t count;
    const struct policy_listing *rules = policy_list_rules(r->out->policy, r->arena, &count);
    struct slice rule = log_line_get(&r->out->line, "rule");
    for (size_t i = 0; i < count && log_line_is(&r->out->line, "action", "trust"); i++)
        if (rules[i].stage < r->out->stage && slice_eq(rule, slice_of(rules[i].rule)))
            return true;
    return false;
}

/* The proxy refuses without a rule; the backend with words that are no action. An error came after the policy had let it pass. */
static const char *why_no_decision(const struct reading *r)
{
    const struct log_line *line = &r->out->line;
    struct slice action = log_line_get(line, "action");
    if (trusted_before(r))
        return "the session was trusted by a rule of an earlier stage: no rule was tried here then";
    if (!is_action(action) || log_line_get(line, "error").ptr)
        return "the line tells what came of it behind the policy, which had let it pass";
    if (!log_line_get(line, "rule").ptr && !slice_eq(action, SLICE("accept")))
        return "no rule decided this, but the proxy itself or the backend";
    return NULL;
}

/* ---- comparing ---- */

static void add_difference(struct buf *differs, const char *word)
{
    text_list_add(differs, ',', slice_of(word), differs->len == 0);
}

static void compare(struct reading *r)
{
    struct logged_decision *out = r->out;
    const struct decision *d = &out->step->decision;
    const char *why = why_no_decision(r);
    struct slice rule = log_line_get(&out->line, "rule");
    struct buf differs = {0};
    if (why) {
        note(r, why);
        out->verdict = LOGGED_NO_DECISION;
        return;
    }
    if (!log_line_is(&out->line, "action", d->shadowed ? "accept" : action_name(d->action)))
        add_difference(&differs, "action");
    if (!slice_eq(rule, slice_of(d->shadowed ? NULL : d->rule)))
        add_difference(&differs, "rule");
    if (out->reply.len && !slice_eq(out->reply, log_line_get(&out->line, "reply")))
        add_difference(&differs, "reply");
    out->differs = arena_copy(r->arena, buf_slice(&differs));
    out->verdict = differs.len ? LOGGED_DIFFERENT : LOGGED_SAME;
    buf_release(&differs);
}

/* ---- deciding again ---- */

/* A header field is recorded only if a policy asked for it. */
static void note_unrecorded(struct reading *r)
{
    for (const struct rehearsal_trial *t = r->out->step->trials; t; t = t->next)
        for (size_t i = 0; i < t->seen.count; i++)
            if (!t->seen.items[i].value.present && slice_starts(slice_of(t->seen.items[i].def->name), SLICE("header."))) {
                note(
                    r,
                    "header fields that are absent here may have been there: only those are logged that the policy of that time asked for");
                return;
            }
}

static void decide(struct reading *r, struct facts *facts)
{
    struct logged_decision *out = r->out;
    struct rehearsal_step *steps = NULL;
    struct rehearsal_recorder recorder = {.arena = r->arena, .facts = facts, .last_step = &steps};
    struct policy_trace trace = {rehearsal_record_trial, &recorder};
    out->step = rehearsal_record_step(&recorder, out->stage);
    out->step->judged = true;
    if (out->stage == STAGE_RCPT)
        out->step->rcpt = facts_get(facts, r->settings->core.rcpt)->text;
    struct decision *d = &out->step->decision;
    policy_decide_traced(out->policy, out->stage, facts, r->settings->mode == MODE_SHADOW, r->arena, d, &trace);
    out->step->refused = decision_refuses(d);
    out->reply = SLICE("");
    if (out->step->refused) {
        out->reply =
            slice_of(arena_format(r->arena, "%d %.*s %.*s", d->reply_code, SLICE_FMT(d->reply_enhanced), SLICE_FMT(d->reply_text)));
        rehearsal_record_reply(&recorder, d->reply_code, arena_string(r->arena, d->reply_enhanced), d->reply_text);
    }
    out->facts = rehearsal_record_facts(&recorder, FACT_RECIPIENT, true);
    out->step->facts = rehearsal_record_facts(&recorder, FACT_RECIPIENT, false);
}

bool logged_decision_read(const struct log_line *line, const struct settings *settings, struct arena *arena, struct logged_decision *out)
{
    struct facts facts;
    *out = (struct logged_decision){.line = *line, .differs = SLICE("")};
    struct reading r = {.settings = settings, .arena = arena, .out = out, .last_note = &out->notes};
    if (!read_stage(line, &out->stage))
        return false;
    out->policy = choose_policy(&r);
    facts_init(&facts, settings->facts, arena);
    logged_facts_read(line, settings, out->stage, arena, &facts, on_lost, &r);
    if (line->cut)
        note(&r, "the line was too long and is cut: facts behind the cut are missing");
    decide(&r, &facts);
    note_unrecorded(&r);
    compare(&r);
    return true;
}
