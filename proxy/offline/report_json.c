/* report_json: a report for programs. See report.h. */
#include "proxy/offline/report.h"

#include "base/arena.h"
#include "proxy/offline/report_dns.h"
#include "proxy/offline/report_json_value.h"

/* ---- facts ---- */

static json_t *list_of(const struct fact_value *value)
{
    json_t *list = json_array();
    for (size_t i = 0; i < value->count; i++)
        json_array_append_new(list, report_json_slice(value->items[i]));
    return list;
}

static json_t *fact_of(const struct rehearsal_fact *f)
{
    if (!f->value.present)
        return json_null();
    if (f->def->type == FACT_NUMBER)
        return json_integer(f->value.number);
    return f->def->type == FACT_LIST ? list_of(&f->value) : report_json_slice(f->text);
}

/* report NULL: all of them. */
static json_t *facts_of(const struct rehearsal_facts *facts, const struct report *report)
{
    json_t *object = json_object();
    for (size_t i = 0; i < facts->count; i++)
        if (!report || report_shows_fact(report, facts->items[i].id))
            json_object_set_new(object, facts->items[i].def->name, fact_of(&facts->items[i]));
    return object;
}

json_t *report_json_facts(const struct rehearsal_facts *facts)
{
    return facts_of(facts, NULL);
}

/* ---- steps ---- */

json_t *report_json_trials(const struct rehearsal_step *step)
{
    json_t *list = json_array();
    for (const struct rehearsal_trial *t = step->trials; t; t = t->next) {
        json_t *trial = json_object();
        report_json_set(trial, "rule", t->rule);
        report_json_set(trial, "action", action_name(t->action));
        json_object_set_new(trial, "shadow", json_boolean(t->shadow));
        json_object_set_new(trial, "matched", json_boolean(t->matched));
        json_object_set_new(trial, "facts", facts_of(&t->seen, NULL));
        json_array_append_new(list, trial);
    }
    return list;
}

static json_t *decision_of(const struct decision *d)
{
    json_t *decision = json_object();
    report_json_set(decision, "action", action_name(d->action));
    json_object_set_new(decision, "rule", report_json_text(d->rule));
    json_object_set_new(decision, "carried_out", json_boolean(!d->shadowed));
    return decision;
}

json_t *report_json_step(const struct rehearsal_step *step)
{
    json_t *object = json_object();
    report_json_set(object, "stage", stage_name(step->stage));
    if (step->stage == STAGE_RCPT) {
        json_object_set_new(object, "rcpt", report_json_slice(step->rcpt));
        json_object_set_new(object, "facts", facts_of(&step->facts, NULL));
    }
    if (step->judged) {
        json_object_set_new(object, "rules", report_json_trials(step));
        json_object_set_new(object, "decision", decision_of(&step->decision));
    }
    json_object_set_new(object, "refused", json_boolean(step->refused));
    json_object_set_new(object, "reply", report_json_if_any(step->reply));
    json_object_set_new(object, "remark", report_json_if_any(slice_of(step->remark)));
    return object;
}

static json_t *steps_of(const struct rehearsal *r)
{
    json_t *list = json_array();
    for (const struct rehearsal_step *step = r->steps; step; step = step->next)
        json_array_append_new(list, report_json_step(step));
    return list;
}

/* ---- who, with what ---- */

static json_t *session_of(const struct rehearsal_script *script)
{
    json_t *session = json_object(), *rcpts = json_array();
    char client[NET_ADDR_TEXT];
    report_json_set(session, "client", net_addr_format_ip(&script->client, client));
    json_object_set_new(session, "helo", report_json_slice(script->hello.argument));
    json_object_set_new(session, "mail_from", report_json_slice(script->mail.path.text));
    for (size_t i = 0; i < script->rcpt_count; i++)
        json_array_append_new(rcpts, report_json_slice(script->rcpts[i].path.text));
    json_object_set_new(session, "rcpt_to", rcpts);
    return session;
}

static json_t *settings_of(const struct report *report)
{
    json_t *settings = json_object();
    char listener[NET_ADDR_TEXT];
    report_json_set(settings, "from", report->settings);
    if (report->script->judged) {
        report_json_set(settings, "listener", net_addr_format(&report->script->listener->address, listener));
        report_json_set(settings, "policy", report->script->listener->policy);
        report_json_set(settings, "mode", report->used->mode == MODE_SHADOW ? "shadow" : "enforce");
    }
    return settings;
}

static json_t *notes_of(const struct report *report)
{
    json_t *list = json_array();
    for (const struct report_note *n = report->notes; n; n = n->next)
        json_array_append_new(list, report_json_slice(slice_of(n->text)));
    return list;
}

/* ---- DNS ---- */

static json_t *dns_entry_of(const struct dns_map_entry *e, struct arena *arena)
{
    json_t *object = report_json_answer(e, arena);
    json_object_set_new(object, "queries", json_integer(e->queries));
    return object;
}

static json_t *dns_of(const struct report *report)
{
    const struct rehearsal *r = report->rehearsal;
    struct report_dns_cost cost = report_dns_cost(r);
    json_t *dns = json_object(), *answers = json_array();
    struct arena *arena = arena_new();
    for (const struct dns_map_entry *e = report_dns_first(r); e; e = report_dns_next(r, e))
        json_array_append_new(answers, dns_entry_of(e, arena));
    arena_free(&arena);
    json_object_set_new(dns, "queries", json_integer(cost.queries));
    json_object_set_new(dns, "most", json_integer(report->used->dns.queries_per_message));
    json_object_set_new(dns, "refused", json_integer(cost.refused));
    json_object_set_new(dns, "answers", answers);
    return dns;
}

/* ---- and so ---- */

static json_t *message_fields_of(const struct rehearsal_field *fields)
{
    json_t *list = json_array();
    for (const struct rehearsal_field *f = fields; f; f = f->next)
        json_array_append_new(list, report_json_slice(slice_trim(f->field)));
    return list;
}

static json_t *result_of(const struct report *report)
{
    const struct rehearsal_step *end = report->rehearsal->end;
    json_t *result = json_object();
    report_json_set(result, "action", report_outcome(report));
    report_json_set(result, "stage", stage_name(end->stage));
    json_object_set_new(result, "rule", report_json_text(end->judged ? end->decision.rule : NULL));
    json_object_set_new(result, "reply", report_json_if_any(end->reply));
    json_object_set_new(result, "passed_on", json_boolean(report->rehearsal->passed_on));
    return result;
}

/* What only a judged session has. */
static void set_judgement(json_t *json, const struct report *report)
{
    const struct rehearsal *r = report->rehearsal;
    json_object_set_new(json, "steps", steps_of(r));
    json_object_set_new(json, "marks", report_json_if_any(r->marks));
    json_object_set_new(json, "removed", message_fields_of(r->removed));
    json_object_set_new(json, "changed", message_fields_of(r->changed));
    json_object_set_new(json, "delivered_to", report_json_if_any(r->delivered_to));
}

static json_t *report_of(const struct report *report)
{
    const struct rehearsal *r = report->rehearsal;
    json_t *json = json_object();
    report_json_set(json, "command", report->command);
    json_object_set_new(json, "settings", settings_of(report));
    json_object_set_new(json, "session", report->client_given ? session_of(report->script) : json_null());
    json_object_set_new(json, "notes", notes_of(report));
    if (report->script->judged)
        set_judgement(json, report);
    json_object_set_new(json, "facts", facts_of(&r->facts, report));
    json_object_set_new(json, "filters_failed", report_json_if_any(r->failures));
    json_object_set_new(json, "trace_fields", report_json_if_any(r->trace_fields));
    json_object_set_new(json, "authentication_results", report_json_if_any(r->auth_results));
    json_object_set_new(json, "spf", report_json_spf(&r->spf));
    json_object_set_new(json, "dns", dns_of(report));
    if (report->script->judged || r->end->refused)
        json_object_set_new(json, "result", result_of(report));
    return json;
}

void report_json(const struct report *report, struct buf *out)
{
    json_t *json = report_of(report);
    report_json_print(json, out);
    json_decref(json);
}
