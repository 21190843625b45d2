/* shadow_report: for people. See shadow_report.h. */
#include "proxy/logbook/shadow_report.h"

#include "base/log.h"
#include "proxy/offline/report_layout.h"

#include <inttypes.h>

enum { VALUE_SHOWN = 80, LABEL = 9 };

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void label(struct buf *out, size_t indent, const char *name)
{
    report_column(out, indent, LABEL, slice_of(name));
}

static void add_files(struct buf *out, const struct shadow_report *r)
{
    label(out, 2, "log");
    for (size_t i = 0; r->files[i]; i++) {
        buf_add_text(out, i ? ", " : "");
        if (strcmp(r->files[i], "-") == 0)
            buf_add_text(out, "standard input");
        else
            log_escape(out, slice_of(r->files[i]));
    }
    buf_add_format(out, ": %" PRIu64 " line%s", r->read.lines, plural(r->read.lines));
    if (r->read.foreign)
        buf_add_format(out, ", %" PRIu64 " of them not Mailweir's", r->read.foreign);
    buf_add_byte(out, '\n');
}

static void add_period(struct buf *out, const struct shadow_report *r)
{
    const struct shadow_tally *t = r->tally;
    label(out, 2, "period");
    if (t->period.first[0]) {
        log_escape(out, slice_of(t->period.first));
        buf_add_text(out, " to ");
        log_escape(out, slice_of(t->period.last));
    } else
        buf_add_text(out, "no decision");
    if (r->since) {
        buf_add_text(out, " (since ");
        log_escape(out, slice_of(r->since));
        buf_add_byte(out, ')');
    }
    buf_add_byte(out, '\n');
}

static void add_totals(struct buf *out, const struct shadow_report *r)
{
    const struct shadow_tally *t = r->tally;
    report_section(out, "Shadow report");
    add_files(out, r);
    add_period(out, r);
    label(out, 2, "decisions");
    buf_add_format(out, "%" PRIu64 " logged, about %" PRIu64 " message%s and %" PRIu64 " recipient%s\n", t->decisions, t->messages,
                   plural(t->messages), t->recipients, plural(t->recipients));
    label(out, 2, "candidate");
    buf_add_format(out, "would do otherwise %" PRIu64 " time%s", t->differing, plural(t->differing));
    if (t->same_outcome)
        buf_add_format(out, "; the same by another rule %" PRIu64 " time%s", t->same_outcome, plural(t->same_outcome));
    buf_add_byte(out, '\n');
    label(out, 2, "shadow");
    buf_add_format(out, "rules in shadow would act on %" PRIu64 " decision%s\n", t->shadowed, plural(t->shadowed));
    if (t->beyond)
        buf_add_format(out, "  %" PRIu64 " more of cases beyond the first %d, which are not listed\n", t->beyond, SHADOW_CASES_MAX);
}

/* ---- one case ---- */

static void add_decision(struct buf *out, struct slice action, struct slice rule)
{
    report_value(out, action, VALUE_SHOWN);
    if (rule.len) {
        buf_add_text(out, " by ");
        report_value(out, rule, VALUE_SHOWN);
    } else
        buf_add_text(out, ", by no rule");
}

static void add_case_title(struct buf *out, const struct shadow_key *k)
{
    report_value(out, k->policy, VALUE_SHOWN);
    if (k->kind == SHADOW_CANDIDATE) {
        buf_add_text(out, " -> ");
        report_value(out, k->candidate, VALUE_SHOWN);
    }
    buf_add_text(out, ", ");
    report_value(out, k->stage, VALUE_SHOWN);
    buf_add_text(out, ": ");
    if (k->kind == SHADOW_CANDIDATE) {
        add_decision(out, k->live_action, k->live_rule);
        buf_add_text(out, "  ->  ");
    } else
        buf_add_text(out, "would ");
    add_decision(out, k->action, k->rule);
    buf_add_byte(out, '\n');
}

static void add_distinct(struct buf *out, const struct distinct *d, const char *what)
{
    buf_add_format(out, ", %s%zu %s%s", d->more ? "more than " : "", d->count, what, plural(d->count));
}

static void add_count(struct buf *out, const struct shadow_tally *t, const struct shadow_case *c)
{
    uint64_t base = shadow_tally_base(t, c);
    label(out, 4, "count");
    buf_add_format(out, "%" PRIu64, c->count);
    if (base)
        buf_add_format(out, " of %" PRIu64 " (%.1f %%)", base, (double)c->count * 100 / (double)base);
    if (c->senders.count)
        add_distinct(out, &c->senders, "sender");
    add_distinct(out, &c->clients, "client");
    if (c->key.kind == SHADOW_RULE && c->refused)
        buf_add_format(out, "; %" PRIu64 " refused all the same", c->refused);
    buf_add_byte(out, '\n');
}

static void add_field(struct buf *out, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    buf_add_format(out, "  %s ", name);
    report_value(out, value, VALUE_SHOWN);
}

static void add_example(struct buf *out, const struct shadow_example *e, bool first)
{
    label(out, 4, first ? "examples" : "");
    report_value(out, e->time, VALUE_SHOWN);
    add_field(out, "session", e->session);
    add_field(out, "tx", e->tx);
    add_field(out, "client", e->client);
    add_field(out, "from", e->from);
    add_field(out, "to", e->to);
    buf_add_byte(out, '\n');
    if (e->facts) {
        label(out, 4, "");
        buf_add_text(out, "  since");
    }
    for (const struct shadow_fact *f = e->facts; f; f = f->next) {
        buf_add_text(out, f == e->facts ? " " : ", ");
        report_value(out, f->name, VALUE_SHOWN);
        buf_add_byte(out, ' ');
        if (f->value.ptr)
            report_value(out, f->value, VALUE_SHOWN);
        else
            buf_add_text(out, "absent");
    }
    if (e->facts)
        buf_add_byte(out, '\n');
}

static void add_case(struct buf *out, const struct shadow_tally *t, const struct shadow_case *c)
{
    size_t examples = shadow_case_examples(t, c);
    buf_add_text(out, "  ");
    add_case_title(out, &c->key);
    if (c->key.kind == SHADOW_CANDIDATE && !slice_starts(c->key.differs, SLICE("action"))) {
        label(out, 4, "differs");
        report_value(out, c->key.differs, VALUE_SHOWN);
        buf_add_byte(out, '\n');
    }
    add_count(out, t, c);
    label(out, 4, "between");
    log_escape(out, slice_of(c->period.first));
    buf_add_text(out, " and ");
    log_escape(out, slice_of(c->period.last));
    buf_add_byte(out, '\n');
    const struct slice reply = examples ? shadow_case_example(t, c, examples - 1)->reply : SLICE("");
    if (reply.len) {
        label(out, 4, "reply");
        report_value(out, reply, REPORT_VALUE_SHOWN);
        buf_add_byte(out, '\n');
    }
    for (size_t i = 0; i < examples; i++)
        add_example(out, shadow_case_example(t, c, i), i == 0);
}

/* Cases come sorted: first those of candidates, which are few, each with its own title. */
static void add_cases(struct buf *out, const struct shadow_tally *t)
{
    const struct shadow_key *last = NULL;
    for (const struct shadow_case *c = t->cases; c; c = c->next) {
        bool candidate = c->key.kind == SHADOW_CANDIDATE;
        if (!last || last->kind != c->key.kind)
            report_section(out, candidate ? "What the candidate would do otherwise (live -> candidate)" : "What rules in shadow would do");
        last = &c->key;
        add_case(out, t, c);
    }
}

static void add_nothing(struct buf *out, const struct shadow_tally *t)
{
    report_section(out, "Result");
    if (t->decisions == 0)
        buf_add_text(out, "  There is no decision in this log and period, so nothing can be said.\n");
    else
        buf_add_text(out, "  Nothing differs: no candidate policy would have done otherwise, and no rule in shadow mode matched.\n");
}

void shadow_report_text(const struct shadow_report *report, struct buf *out)
{
    add_totals(out, report);
    if (report->tally->cases)
        add_cases(out, report->tally);
    else
        add_nothing(out, report->tally);
}
