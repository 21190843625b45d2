/* logged_report: for people. See logged_report.h. */
#include "proxy/logbook/logged_report.h"

#include "proxy/offline/report_layout.h"
#include "proxy/offline/report_rules.h"

enum { LABEL = 9 };

/* A pair of the line, if it is there. */
static void add_pair(struct buf *out, const struct log_line *line, const char *name, const char *key)
{
    struct slice value = log_line_get(line, key);
    if (value.len == 0)
        return;
    report_column(out, 2, LABEL, slice_of(name));
    report_value(out, value, REPORT_VALUE_SHOWN);
    buf_add_byte(out, '\n');
}

static void add_head(struct buf *out, const struct logged_report *report, const struct logged_decision *d)
{
    report_section(out, "Logged decision");
    add_pair(out, &d->line, "time", "time");
    add_pair(out, &d->line, "session", "session");
    add_pair(out, &d->line, "tx", "tx");
    add_pair(out, &d->line, "stage", "stage");
    add_pair(out, &d->line, "client", "client.ip");
    add_pair(out, &d->line, "helo", "helo");
    add_pair(out, &d->line, "mail from", "from");
    add_pair(out, &d->line, "rcpt to", "to");
    add_pair(out, &d->line, "queue", "queue");
    report_column(out, 2, LABEL, SLICE("settings"));
    buf_add_format(out, "%s\n", report->settings);
    report_column(out, 2, LABEL, SLICE("policy"));
    buf_add_format(out, "%s%s\n", policy_name(d->policy), report->shadow ? ", in shadow: nothing of it is carried out" : "");
}

static void add_notes(struct buf *out, const struct logged_decision *d)
{
    if (d->notes)
        report_section(out, "Notes");
    for (const struct report_note *n = d->notes; n; n = n->next)
        buf_add_format(out, "  %s.\n", n->text);
}

static void add_rules(struct buf *out, const struct logged_decision *d)
{
    report_section(out, "Rules");
    report_trials(out, 2, d->step);
    report_verdict(out, 2, d->step);
}

static void add_facts(struct buf *out, const struct rehearsal_facts *facts, size_t width)
{
    for (size_t i = 0; i < facts->count; i++) {
        report_column(out, 2, width, slice_of(facts->items[i].def->name));
        report_value(out, facts->items[i].text, REPORT_VALUE_SHOWN);
        buf_add_byte(out, '\n');
    }
}

static size_t facts_width(size_t width, const struct rehearsal_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        width = report_wider(width, slice_of(facts->items[i].def->name));
    return width;
}

static void add_all_facts(struct buf *out, const struct logged_decision *d)
{
    size_t width = facts_width(facts_width(0, &d->facts), &d->step->facts);
    report_section(out, "Facts, as they were logged");
    add_facts(out, &d->facts, width);
    add_facts(out, &d->step->facts, width);
}

static void add_rule(struct buf *out, struct slice rule)
{
    if (rule.len) {
        buf_add_text(out, ", by rule ");
        report_value(out, rule, REPORT_VALUE_SHOWN);
    }
}

static void add_reply(struct buf *out, struct slice reply)
{
    if (reply.len) {
        buf_add_text(out, ": ");
        report_value(out, reply, 2 * REPORT_VALUE_SHOWN);
    }
    buf_add_byte(out, '\n');
}

static void add_result(struct buf *out, const struct logged_decision *d)
{
    const struct decision *now = &d->step->decision;
    report_section(out, "Result");
    report_column(out, 2, LABEL, SLICE("logged"));
    report_value(out, log_line_get(&d->line, "action"), REPORT_VALUE_SHOWN);
    add_rule(out, log_line_get(&d->line, "rule"));
    add_reply(out, log_line_get(&d->line, "reply"));
    report_column(out, 2, LABEL, SLICE("now"));
    buf_add_text(out, now->shadowed ? "accept" : action_name(now->action));
    add_rule(out, slice_of(now->shadowed ? NULL : now->rule));
    add_reply(out, d->reply);
    buf_add_text(out, "  ");
    if (d->verdict == LOGGED_SAME)
        buf_add_text(out, "It comes out as it was logged.\n");
    else if (d->verdict == LOGGED_DIFFERENT)
        buf_add_format(out, "It comes out differently (%.*s): the policy has changed since, or the log line lacks facts.\n",
                       SLICE_FMT(d->differs));
    else
        buf_add_text(out, "The two cannot be compared: see the notes.\n");
}

void logged_report_text(const struct logged_report *report, struct buf *out)
{
    for (const struct logged_entry *e = report->entries; e; e = e->next) {
        add_head(out, report, &e->decision);
        add_notes(out, &e->decision);
        add_rules(out, &e->decision);
        add_all_facts(out, &e->decision);
        add_result(out, &e->decision);
    }
}
