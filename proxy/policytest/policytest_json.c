/* policytest_json: the report for programs. See policytest_report.h. */
#include "proxy/offline/report_json_value.h"
#include "proxy/policytest/policytest_report.h"

static json_t *texts_of(const struct policytest_texts *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(list, report_json_slice(texts->items[i]));
    return list;
}

/** The aspects that were asked for; all of them: what came. */
static json_t *picture_of(const struct policytest_picture *picture)
{
    json_t *object = json_object();
    for (int a = 0; a < POLICYTEST_ASPECTS; a++)
        if (picture->of[a].known)
            json_object_set_new(object, policytest_aspect_name((enum policytest_aspect)a), texts_of(&picture->of[a]));
    return object;
}

static json_t *case_of(const struct policytest_case *c)
{
    const struct policytest_result *r = &c->result;
    const struct rehearsal_step *step = r->step ? r->step : r->last;
    json_t *object = json_object();
    json_object_set_new(object, "name", report_json_text(c->name));
    json_object_set_new(object, "line", json_integer(c->node->line));
    json_object_set_new(object, "passed", json_boolean(r->passed));
    report_json_set(object, "policy", r->policy);
    report_json_set(object, "stage", stage_name(step->stage));
    json_object_set_new(object, "expected", picture_of(&c->expected));
    json_object_set_new(object, "got", r->step ? picture_of(&r->got) : json_null());
    json_object_set_new(object, "rules", report_json_trials(step));
    return object;
}

static json_t *file_of(const struct policytest_file *f)
{
    json_t *object = json_object(), *cases = json_array();
    for (const struct policytest_case *c = f->cases; c; c = c->next)
        json_array_append_new(cases, case_of(c));
    json_object_set_new(object, "file", report_json_text(f->path));
    json_object_set_new(object, "config", report_json_text(f->suite->label));
    json_object_set_new(object, "cases", cases);
    return object;
}

static void add_unreached(json_t *list, const struct policytest_suite *s)
{
    for (size_t i = 0; i < s->rule_count; i++) {
        const struct policytest_rule *r = &s->rules[i];
        if (r->reached)
            continue;
        json_t *rule = json_object();
        report_json_set(rule, "policy", r->policy);
        report_json_set(rule, "stage", stage_name(r->listing.stage));
        report_json_set(rule, "rule", r->listing.rule);
        json_object_set_new(rule, "file", report_json_text(r->listing.file));
        json_object_set_new(rule, "line", json_integer(r->listing.line));
        json_array_append_new(list, rule);
    }
}

static json_t *run_of(const struct policytest_run *run)
{
    json_t *object = json_object(), *files = json_array(), *unreached = json_array();
    for (const struct policytest_file *f = run->files; f; f = f->next)
        json_array_append_new(files, file_of(f));
    for (const struct policytest_suite *s = run->suites; s; s = s->next)
        add_unreached(unreached, s);
    json_object_set_new(object, "passed", json_boolean(policytest_passed(run)));
    json_object_set_new(object, "cases", json_integer((json_int_t)run->count));
    json_object_set_new(object, "failed", json_integer((json_int_t)run->failed));
    json_object_set_new(object, "rules", json_integer((json_int_t)run->rules));
    json_object_set_new(object, "unreached", unreached);
    json_object_set_new(object, "files", files);
    return object;
}

void policytest_report_json(const struct policytest_run *run, struct buf *out)
{
    json_t *object = run_of(run);
    report_json_print(object, out);
    json_decref(object);
}
