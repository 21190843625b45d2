/* report_json: a report for programs. Besides command/fact_list.c the only file that knows jansson.
 * See report.h.
 *
 * Bytes from outside that are no UTF-8 become \xXX, as in the log. */
#include "proxy/offline/report.h"

#include "base/arena.h"
#include "proxy/offline/report_dns.h"

#include <jansson.h>

/* Every byte that jansson may refuse, spelt out. */
static json_t *spelt_out(struct slice s)
{
    struct buf text = {0};
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x80)
            buf_add_byte(&text, s.ptr[i]);
        else
            buf_add_format(&text, "\\x%02x", c);
    }
    json_t *json = json_stringn(text.ptr, text.len);
    buf_release(&text);
    return json;
}

static json_t *text_of(struct slice s)
{
    json_t *json = json_stringn(s.len ? s.ptr : "", s.len);
    return json ? json : spelt_out(s);
}

static json_t *text_or_null(const char *text)
{
    return text ? text_of(slice_of(text)) : json_null();
}

static json_t *text_if_any(struct slice s)
{
    return s.len ? text_of(s) : json_null();
}

static void set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, text_of(slice_of(text)));
}

/* ---- facts ---- */

static json_t *list_of(const struct fact_value *value)
{
    json_t *list = json_array();
    for (size_t i = 0; i < value->count; i++)
        json_array_append_new(list, text_of(value->items[i]));
    return list;
}

static json_t *fact_of(const struct rehearsal_fact *f)
{
    if (!f->value.present)
        return json_null();
    if (f->def->type == FACT_NUMBER)
        return json_integer(f->value.number);
    return f->def->type == FACT_LIST ? list_of(&f->value) : text_of(f->text);
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

/* ---- steps ---- */

static json_t *trials_of(const struct rehearsal_step *step)
{
    json_t *list = json_array();
    for (const struct rehearsal_trial *t = step->trials; t; t = t->next) {
        json_t *trial = json_object();
        set_text(trial, "rule", t->rule);
        set_text(trial, "action", action_name(t->action));
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
    set_text(decision, "action", action_name(d->action));
    json_object_set_new(decision, "rule", text_or_null(d->rule));
    json_object_set_new(decision, "carried_out", json_boolean(!d->shadowed));
    return decision;
}

static json_t *step_of(const struct rehearsal_step *step)
{
    json_t *object = json_object();
    set_text(object, "stage", stage_name(step->stage));
    if (step->stage == STAGE_RCPT) {
        json_object_set_new(object, "rcpt", text_of(step->rcpt));
        json_object_set_new(object, "facts", facts_of(&step->facts, NULL));
    }
    if (step->judged) {
        json_object_set_new(object, "rules", trials_of(step));
        json_object_set_new(object, "decision", decision_of(&step->decision));
    }
    json_object_set_new(object, "refused", json_boolean(step->refused));
    json_object_set_new(object, "reply", text_if_any(step->reply));
    json_object_set_new(object, "remark", text_if_any(slice_of(step->remark)));
    return object;
}

static json_t *steps_of(const struct rehearsal *r)
{
    json_t *list = json_array();
    for (const struct rehearsal_step *step = r->steps; step; step = step->next)
        json_array_append_new(list, step_of(step));
    return list;
}

/* ---- who, with what ---- */

static json_t *session_of(const struct rehearsal_script *script)
{
    json_t *session = json_object(), *rcpts = json_array();
    char client[NET_ADDR_TEXT];
    set_text(session, "client", net_addr_format_ip(&script->client, client));
    json_object_set_new(session, "helo", text_of(script->hello.argument));
    json_object_set_new(session, "mail_from", text_of(script->mail.path.text));
    for (size_t i = 0; i < script->rcpt_count; i++)
        json_array_append_new(rcpts, text_of(script->rcpts[i].path.text));
    json_object_set_new(session, "rcpt_to", rcpts);
    return session;
}

static json_t *settings_of(const struct report *report)
{
    json_t *settings = json_object();
    char listener[NET_ADDR_TEXT];
    set_text(settings, "from", report->settings);
    if (report->script->judged) {
        set_text(settings, "listener", net_addr_format(&report->script->listener->address, listener));
        set_text(settings, "policy", report->script->listener->policy);
        set_text(settings, "mode", report->used->mode == MODE_SHADOW ? "shadow" : "enforce");
    }
    return settings;
}

static json_t *notes_of(const struct report *report)
{
    json_t *list = json_array();
    for (const struct report_note *n = report->notes; n; n = n->next)
        json_array_append_new(list, text_of(slice_of(n->text)));
    return list;
}

/* ---- DNS ---- */

static json_t *answer_of(const struct dns_map_entry *e, struct arena *arena)
{
    json_t *object = json_object(), *records = json_array();
    json_object_set_new(object, "name", text_of(e->name));
    set_text(object, "type", dns_type_name(e->type));
    json_object_set_new(object, "status", text_or_null(e->answer ? dns_status_name(e->answer->status) : NULL));
    json_object_set_new(object, "records", records);
    if (!e->answer)
        return object;
    if (e->answer->why)
        set_text(object, "why", e->answer->why);
    json_object_set_new(object, "ttl", json_integer(e->answer->ttl));
    json_object_set_new(object, "secure", json_boolean(e->answer->secure));
    for (size_t i = 0; i < e->answer->count; i++)
        json_array_append_new(records, text_of(report_dns_record(e->type, &e->answer->records[i], arena)));
    return object;
}

static json_t *dns_of(const struct report *report)
{
    const struct dns_map *map = report->rehearsal->answers;
    json_t *dns = json_object(), *answers = json_array();
    struct arena *arena = arena_new();
    for (const struct dns_map_entry *e = map ? dns_map_entries(map) : NULL; e; e = e->next)
        json_array_append_new(answers, answer_of(e, arena));
    arena_free(&arena);
    json_object_set_new(dns, "queries", json_integer(map ? dns_map_wanted(map) : 0));
    json_object_set_new(dns, "most", json_integer(report->used->dns.queries_per_message));
    json_object_set_new(dns, "refused", json_integer(map ? dns_map_refused(map) : 0));
    json_object_set_new(dns, "answers", answers);
    return dns;
}

/* ---- and so ---- */

static json_t *removed_of(const struct rehearsal *r)
{
    json_t *list = json_array();
    for (const struct rehearsal_removed *removed = r->removed; removed; removed = removed->next)
        json_array_append_new(list, text_of(slice_trim(removed->field)));
    return list;
}

static json_t *result_of(const struct report *report)
{
    const struct rehearsal_step *end = report->rehearsal->end;
    json_t *result = json_object();
    set_text(result, "action", report_outcome(report));
    set_text(result, "stage", stage_name(end->stage));
    json_object_set_new(result, "rule", text_or_null(end->judged ? end->decision.rule : NULL));
    json_object_set_new(result, "reply", text_if_any(end->reply));
    json_object_set_new(result, "passed_on", json_boolean(report->rehearsal->passed_on));
    return result;
}

/* What only a judged session has. */
static void set_judgement(json_t *json, const struct report *report)
{
    const struct rehearsal *r = report->rehearsal;
    json_object_set_new(json, "steps", steps_of(r));
    json_object_set_new(json, "marks", text_if_any(r->marks));
    json_object_set_new(json, "removed", removed_of(r));
}

static json_t *report_of(const struct report *report)
{
    const struct rehearsal *r = report->rehearsal;
    json_t *json = json_object();
    set_text(json, "command", report->command);
    json_object_set_new(json, "settings", settings_of(report));
    json_object_set_new(json, "session", report->client_given ? session_of(report->script) : json_null());
    json_object_set_new(json, "notes", notes_of(report));
    if (report->script->judged)
        set_judgement(json, report);
    json_object_set_new(json, "facts", facts_of(&r->facts, report));
    json_object_set_new(json, "filters_failed", text_if_any(r->failures));
    json_object_set_new(json, "trace_fields", text_if_any(r->trace_fields));
    json_object_set_new(json, "authentication_results", text_if_any(r->auth_results));
    json_object_set_new(json, "dns", dns_of(report));
    if (report->script->judged || r->end->refused)
        json_object_set_new(json, "result", result_of(report));
    return json;
}

/* DEL is the one control character that JSON and jansson let pass. */
static int add_clean(const char *bytes, size_t size, void *out)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == 127)
            buf_add_text(out, "\\u007f");
        else
            buf_add_byte(out, bytes[i]);
    return 0;
}

void report_json(const struct report *report, struct buf *out)
{
    json_t *json = report_of(report);
    json_dump_callback(json, add_clean, out, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER);
    buf_add_byte(out, '\n');
    json_decref(json);
}
