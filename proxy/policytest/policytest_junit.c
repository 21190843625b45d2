/* policytest_junit: the report as the XML that JUnit made common: testsuites, testsuite, testcase, failure. See policytest_report.h. */
#include "proxy/policytest/policytest_report.h"

/** Texts are printable already, but for line ends. */
static void add_escaped(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '<':
            buf_add_text(out, "&lt;");
            break;
        case '>':
            buf_add_text(out, "&gt;");
            break;
        case '&':
            buf_add_text(out, "&amp;");
            break;
        case '"':
            buf_add_text(out, "&quot;");
            break;
        default:
            buf_add_byte(out, text.ptr[i]);
            break;
        }
    }
}

static void add_attribute(struct buf *out, const char *name, const char *value)
{
    struct buf shown = {0};
    policytest_report_name(&shown, value);
    buf_add_format(out, " %s=\"", name);
    add_escaped(out, buf_slice(&shown));
    buf_add_byte(out, '"');
    buf_release(&shown);
}

static void add_failure(struct buf *out, const char *message, const struct buf *text)
{
    buf_add_format(out, "      <failure message=\"%s\">", message);
    add_escaped(out, buf_slice(text));
    buf_add_text(out, "</failure>\n");
}

static void add_testcase(struct buf *out, const char *class, const char *name, bool passed, const char *message, const struct buf *text)
{
    buf_add_text(out, "    <testcase");
    add_attribute(out, "classname", class);
    add_attribute(out, "name", name);
    if (passed) {
        buf_add_text(out, "/>\n");
        return;
    }
    buf_add_text(out, ">\n");
    add_failure(out, message, text);
    buf_add_text(out, "    </testcase>\n");
}

static void open_testsuite(struct buf *out, const char *name, size_t tests, size_t failures)
{
    buf_add_text(out, "  <testsuite");
    add_attribute(out, "name", name);
    buf_add_format(out, " tests=\"%zu\" failures=\"%zu\">\n", tests, failures);
}

static void add_file(struct buf *out, const struct policytest_file *f)
{
    struct buf text = {0};
    open_testsuite(out, f->path, f->count, f->failed);
    for (const struct policytest_case *c = f->cases; c; c = c->next) {
        buf_clear(&text);
        if (!c->result.passed)
            policytest_report_failure(&text, 0, c);
        add_testcase(out, f->path, c->name, c->result.passed, "not as expected", &text);
    }
    buf_add_text(out, "  </testsuite>\n");
    buf_release(&text);
}

static void add_coverage(struct buf *out, const struct policytest_suite *s)
{
    struct buf text = {0};
    policytest_report_unreached(&text, 0, s);
    open_testsuite(out, s->label, 1, s->unreached ? 1 : 0);
    add_testcase(out, s->label, "every rule is reached", s->unreached == 0, "rules that no case reached", &text);
    buf_add_text(out, "  </testsuite>\n");
    buf_release(&text);
}

void policytest_report_junit(const struct policytest_run *run, struct buf *out)
{
    size_t tests = run->count, failures = run->failed;
    for (const struct policytest_suite *s = run->suites; s && run->require_coverage; s = s->next) {
        tests++;
        failures += s->unreached > 0;
    }
    buf_add_format(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" failures=\"%zu\">\n", tests, failures);
    for (const struct policytest_file *f = run->files; f; f = f->next)
        add_file(out, f);
    for (const struct policytest_suite *s = run->suites; s && run->require_coverage; s = s->next)
        add_coverage(out, s);
    buf_add_text(out, "</testsuites>\n");
}
