/* report_rules: see report_rules.h. */
#include "proxy/offline/report_rules.h"

#include "proxy/offline/report_layout.h"

#include <stdio.h>

enum {
    SEEN_SHOWN = 60, /* bytes of a fact beside a rule */
    ACTION_TEXT = 40
};

static void add_seen(struct buf *out, const struct rehearsal_trial *trial)
{
    for (size_t i = 0; i < trial->seen.count; i++) {
        const struct rehearsal_fact *f = &trial->seen.items[i];
        buf_add_format(out, "%s%s", i ? ", " : "", f->def->name);
        buf_add_text(out, f->value.present ? " " : " absent");
        if (f->value.present)
            report_value(out, f->text, SEEN_SHOWN);
    }
    if (trial->seen.count == 0)
        buf_add_text(out, "always");
    buf_add_byte(out, '\n');
}

static struct slice trial_action(const struct rehearsal_trial *t, char text[ACTION_TEXT])
{
    int n = snprintf(text, ACTION_TEXT, "%s%s", action_name(t->action), t->shadow ? " (shadow)" : "");
    return slice_make(text, (size_t)n);
}

void report_trials(struct buf *out, size_t indent, const struct rehearsal_step *step)
{
    char text[ACTION_TEXT];
    size_t rule = 0, action = 0;
    for (const struct rehearsal_trial *t = step->trials; t; t = t->next) {
        rule = report_wider(rule, slice_of(t->rule));
        action = report_wider(action, trial_action(t, text));
    }
    for (const struct rehearsal_trial *t = step->trials; t; t = t->next) {
        report_column(out, indent, 9, t->matched ? SLICE("matches") : SLICE("no match"));
        report_column(out, 0, rule, slice_of(t->rule));
        report_column(out, 0, action, trial_action(t, text));
        add_seen(out, t);
    }
}

void report_verdict(struct buf *out, size_t indent, const struct rehearsal_step *step)
{
    const struct decision *d = &step->decision;
    report_column(out, indent, 9, SLICE("decided"));
    buf_add_text(out, action_name(d->action));
    if (d->rule)
        buf_add_format(out, ", by rule \"%s\"", d->rule);
    else
        buf_add_text(out, ": no rule decides otherwise");
    if (d->shadowed && d->action != ACTION_ACCEPT)
        buf_add_text(out, "; not carried out, since the mode is shadow");
    buf_add_byte(out, '\n');
}
