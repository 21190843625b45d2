/* shadow_report_json: for programs. See shadow_report.h. */
#include "proxy/logbook/shadow_report.h"
#include "proxy/offline/report_json_value.h"

static json_t *decision_of(struct slice action, struct slice rule)
{
    json_t *decision = json_object();
    json_object_set_new(decision, "action", report_json_slice(action));
    json_object_set_new(decision, "rule", report_json_if_any(rule));
    return decision;
}

static json_t *example_of(const struct shadow_example *e)
{
    json_t *example = json_object(), *facts = json_object();
    json_object_set_new(example, "time", report_json_if_any(e->time));
    json_object_set_new(example, "session", report_json_if_any(e->session));
    json_object_set_new(example, "tx", report_json_if_any(e->tx));
    json_object_set_new(example, "client", report_json_if_any(e->client));
    json_object_set_new(example, "from", report_json_if_any(e->from));
    json_object_set_new(example, "to", report_json_if_any(e->to));
    json_object_set_new(example, "reply", report_json_if_any(e->reply));
    for (const struct shadow_fact *f = e->facts; f; f = f->next)
        json_object_set_new(facts, f->name.ptr, f->value.ptr ? report_json_slice(f->value) : json_null());
    json_object_set_new(example, "facts", facts);
    return example;
}

static void set_distinct(json_t *object, const char *key, const struct distinct *d)
{
    json_object_set_new(object, key, json_integer((json_int_t)d->count));
}

static json_t *case_of(const struct shadow_tally *t, const struct shadow_case *c)
{
    json_t *object = json_object(), *examples = json_array();
    uint64_t base = shadow_tally_base(t, c);
    bool candidate = c->key.kind == SHADOW_CANDIDATE;
    json_object_set_new(object, "policy", report_json_slice(c->key.policy));
    json_object_set_new(object, "stage", report_json_slice(c->key.stage));
    if (candidate) {
        json_object_set_new(object, "candidate", report_json_slice(c->key.candidate));
        json_object_set_new(object, "differs", report_json_slice(c->key.differs));
        json_object_set_new(object, "live", decision_of(c->key.live_action, c->key.live_rule));
    }
    json_object_set_new(object, candidate ? "other" : "would", decision_of(c->key.action, c->key.rule));
    json_object_set_new(object, "count", json_integer((json_int_t)c->count));
    json_object_set_new(object, "of", base ? json_integer((json_int_t)base) : json_null());
    json_object_set_new(object, "refused_all_the_same", json_integer((json_int_t)c->refused));
    set_distinct(object, "senders", &c->senders);
    set_distinct(object, "clients", &c->clients);
    json_object_set_new(object, "first", report_json_slice(slice_of(c->period.first)));
    json_object_set_new(object, "last", report_json_slice(slice_of(c->period.last)));
    for (size_t i = 0; i < shadow_case_examples(t, c); i++)
        json_array_append_new(examples, example_of(shadow_case_example(t, c, i)));
    json_object_set_new(object, "examples", examples);
    return object;
}

static json_t *cases_of(const struct shadow_tally *t, enum shadow_kind kind)
{
    json_t *list = json_array();
    for (const struct shadow_case *c = t->cases; c; c = c->next)
        if (c->key.kind == kind)
            json_array_append_new(list, case_of(t, c));
    return list;
}

static void set_number(json_t *object, const char *key, uint64_t n)
{
    json_object_set_new(object, key, json_integer((json_int_t)n));
}

static json_t *totals_of(const struct shadow_report *r)
{
    const struct shadow_tally *t = r->tally;
    json_t *totals = json_object();
    set_number(totals, "lines", r->read.lines);
    set_number(totals, "foreign_lines", r->read.foreign);
    set_number(totals, "decisions", t->decisions);
    set_number(totals, "messages", t->messages);
    set_number(totals, "recipients", t->recipients);
    set_number(totals, "candidate_differs", t->differing);
    set_number(totals, "candidate_same_outcome", t->same_outcome);
    set_number(totals, "shadow", t->shadowed);
    set_number(totals, "not_listed", t->beyond);
    return totals;
}

void shadow_report_json(const struct shadow_report *report, struct buf *out)
{
    json_t *root = json_object(), *files = json_array();
    for (size_t i = 0; report->files[i]; i++)
        json_array_append_new(files, report_json_text(report->files[i]));
    json_object_set_new(root, "log", files);
    json_object_set_new(root, "since", report_json_text(report->since));
    json_object_set_new(root, "first", report_json_if_any(slice_of(report->tally->period.first)));
    json_object_set_new(root, "last", report_json_if_any(slice_of(report->tally->period.last)));
    json_object_set_new(root, "totals", totals_of(report));
    json_object_set_new(root, "candidate", cases_of(report->tally, SHADOW_CANDIDATE));
    json_object_set_new(root, "shadow", cases_of(report->tally, SHADOW_RULE));
    report_json_print(root, out);
    json_decref(root);
}
