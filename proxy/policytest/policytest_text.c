/* policytest_text: the report for people. See policytest_report.h. */
#include "proxy/policytest/policytest_report.h"

static void add_case(struct buf *out, const struct policytest_case *c)
{
    buf_add_text(out, c->result.passed ? "  pass  " : "  FAIL  ");
    policytest_report_name(out, c->name);
    buf_add_byte(out, '\n');
    if (!c->result.passed)
        policytest_report_failure(out, 10, c);
}

static void add_file(struct buf *out, const struct policytest_file *file)
{
    buf_add_format(out, "%s\n", file->path);
    for (const struct policytest_case *c = file->cases; c; c = c->next)
        add_case(out, c);
    buf_add_byte(out, '\n');
}

static void add_coverage(struct buf *out, const struct policytest_run *run)
{
    if (run->unreached == 0)
        return;
    buf_add_text(out, "Rules that no case reached\n");
    for (const struct policytest_suite *s = run->suites; s; s = s->next)
        policytest_report_unreached(out, 2, s);
    buf_add_byte(out, '\n');
}

void policytest_report_text(const struct policytest_run *run, struct buf *out)
{
    for (const struct policytest_file *f = run->files; f; f = f->next)
        add_file(out, f);
    add_coverage(out, run);
    buf_add_format(out, "%zu of %zu cases passed, %zu of %zu rules reached\n", run->count - run->failed, run->count,
                   run->rules - run->unreached, run->rules);
    if (run->require_coverage && run->unreached)
        buf_add_text(out, "FAIL: every rule is to be reached\n");
}
