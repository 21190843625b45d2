/* logged_report_json: for programs. See logged_report.h. */
#include "proxy/logbook/logged_report.h"
#include "proxy/offline/report_json_value.h"

static json_t *line_of(const struct log_line *line)
{
    json_t *object = json_object();
    for (size_t i = 0; i < line->count; i++) /* keys are copies with a NUL behind them */
        json_object_set_new(object, line->pairs[i].key.ptr, report_json_slice(line->pairs[i].value));
    return object;
}

static json_t *notes_of(const struct logged_decision *d)
{
    json_t *list = json_array();
    for (const struct report_note *n = d->notes; n; n = n->next)
        json_array_append_new(list, report_json_text(n->text));
    return list;
}

static json_t *entry_of(const struct logged_decision *d)
{
    static const char *const verdicts[] = {"same", "different", "no decision"};
    json_t *entry = json_object();
    json_object_set_new(entry, "logged", line_of(&d->line));
    report_json_set(entry, "policy", policy_name(d->policy));
    json_object_set_new(entry, "notes", notes_of(d));
    json_object_set_new(entry, "facts", report_json_facts(&d->facts));
    json_object_set_new(entry, "step", report_json_step(d->step));
    report_json_set(entry, "verdict", verdicts[d->verdict]);
    json_object_set_new(entry, "differs", report_json_if_any(d->differs));
    return entry;
}

void logged_report_json(const struct logged_report *report, struct buf *out)
{
    json_t *root = json_object(), *list = json_array();
    report_json_set(root, "settings", report->settings);
    report_json_set(root, "mode", report->shadow ? "shadow" : "enforce");
    for (const struct logged_entry *e = report->entries; e; e = e->next)
        json_array_append_new(list, entry_of(&e->decision));
    json_object_set_new(root, "decisions", list);
    report_json_print(root, out);
    json_decref(root);
}
