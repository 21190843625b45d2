/* policytest_report: what the reports of all kinds share. See policytest_report.h. */
#include "proxy/policytest/policytest_report.h"

#include "base/config/conf_text.h"
#include "proxy/offline/report_layout.h"
#include "proxy/offline/report_rules.h"

enum { NAME_SHOWN = 200, ASPECT_WIDTH = 13 };

void policytest_report_name(struct buf *out, const char *name)
{
    conf_text_show(out, slice_of(name), NAME_SHOWN);
}

static void add_difference(struct buf *out, size_t indent, enum policytest_aspect aspect, const struct policytest_case *c)
{
    report_column(out, indent, ASPECT_WIDTH, slice_of(policytest_aspect_name(aspect)));
    buf_add_text(out, "expected  ");
    policytest_texts_show(out, &c->expected.of[aspect]);
    buf_add_byte(out, '\n');
    report_column(out, indent, ASPECT_WIDTH, SLICE(""));
    buf_add_text(out, "got       ");
    policytest_texts_show(out, &c->result.got.of[aspect]);
    buf_add_byte(out, '\n');
}

static void add_tried(struct buf *out, size_t indent, const struct rehearsal_step *step, const char *policy)
{
    buf_add_format(out, "%*sstage %s of policy %s\n", (int)indent, "", stage_name(step->stage), policy);
    report_trials(out, indent + 2, step);
    if (step->judged)
        report_verdict(out, indent + 2, step);
}

void policytest_report_failure(struct buf *out, size_t indent, const struct policytest_case *c)
{
    const struct policytest_result *r = &c->result;
    buf_add_format(out, "%*s%s:%u\n", (int)indent, "", c->node->file, c->node->line);
    if (!r->step)
        buf_add_format(out, "%*sthe session ended before stage %s\n", (int)indent, "", stage_name(c->stage));
    for (int a = 0; a < POLICYTEST_ASPECTS && r->step; a++)
        if (c->expected.of[a].known && !policytest_picture_holds((enum policytest_aspect)a, &c->expected.of[a], &r->got.of[a]))
            add_difference(out, indent, (enum policytest_aspect)a, c);
    add_tried(out, indent, r->step ? r->step : r->last, r->policy);
}

void policytest_report_unreached(struct buf *out, size_t indent, const struct policytest_suite *suite)
{
    size_t policy = 0, rule = 0;
    for (size_t i = 0; i < suite->rule_count; i++) {
        if (suite->rules[i].reached)
            continue;
        policy = report_wider(policy, slice_of(suite->rules[i].policy));
        rule = report_wider(rule, slice_of(suite->rules[i].listing.rule));
    }
    for (size_t i = 0; i < suite->rule_count; i++) {
        const struct policytest_rule *r = &suite->rules[i];
        if (r->reached)
            continue;
        report_column(out, indent, policy, slice_of(r->policy));
        report_column(out, 0, 7, slice_of(stage_name(r->listing.stage)));
        report_column(out, 0, rule, slice_of(r->listing.rule));
        buf_add_format(out, "%s:%u\n", r->listing.file, r->listing.line);
    }
}
