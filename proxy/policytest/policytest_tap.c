/* policytest_tap: the report as TAP version 13. See policytest_report.h.
 *
 * A description may hold no "#", which would begin a directive: it is escaped. */
#include "proxy/policytest/policytest_report.h"

static void add_description(struct buf *out, const char *name)
{
    struct buf shown = {0};
    policytest_report_name(&shown, name);
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.ptr[i] == '#')
            buf_add_byte(out, '\\');
        buf_add_byte(out, shown.ptr[i]);
    }
    buf_release(&shown);
}

static void add_point(struct buf *out, bool ok, size_t number, const char *path, const char *name)
{
    buf_add_format(out, "%s %zu - ", ok ? "ok" : "not ok", number);
    add_description(out, path);
    buf_add_text(out, ": ");
    add_description(out, name);
    buf_add_byte(out, '\n');
}

/** A YAML block of one text, in which any line may stand. */
static void add_diagnosis(struct buf *out, const struct buf *text)
{
    buf_add_text(out, "  ---\n  message: |\n");
    buf_add(out, buf_slice(text));
    buf_add_text(out, "  ...\n");
}

static void add_case(struct buf *out, size_t number, const struct policytest_file *file, const struct policytest_case *c)
{
    struct buf text = {0};
    add_point(out, c->result.passed, number, file->path, c->name);
    if (!c->result.passed) {
        policytest_report_failure(&text, 4, c);
        add_diagnosis(out, &text);
    }
    buf_release(&text);
}

static void add_coverage(struct buf *out, size_t number, const struct policytest_suite *suite, bool required)
{
    struct buf text = {0};
    struct slice rest, line;
    if (required)
        add_point(out, suite->unreached == 0, number, suite->label, "every rule is reached");
    policytest_report_unreached(&text, required ? 4 : 0, suite);
    rest = buf_slice(&text);
    if (required && suite->unreached)
        add_diagnosis(out, &text);
    while (!required && rest.len && slice_split(&rest, '\n', &line))
        if (line.len)
            buf_add_format(out, "# not reached: %.*s\n", SLICE_FMT(line));
    buf_release(&text);
}

static size_t count_suites(const struct policytest_run *run)
{
    size_t count = 0;
    for (const struct policytest_suite *s = run->suites; s; s = s->next)
        count++;
    return count;
}

void policytest_report_tap(const struct policytest_run *run, struct buf *out)
{
    size_t number = 0;
    buf_add_format(out, "TAP version 13\n1..%zu\n", run->count + (run->require_coverage ? count_suites(run) : 0));
    for (const struct policytest_file *f = run->files; f; f = f->next)
        for (const struct policytest_case *c = f->cases; c; c = c->next)
            add_case(out, ++number, f, c);
    for (const struct policytest_suite *s = run->suites; s; s = s->next)
        add_coverage(out, ++number, s, run->require_coverage);
}
