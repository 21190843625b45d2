/* policytest_report: the reports for machines hold whatever a test file calls its cases. */
#include "proxy/policytest/policytest_report.h"
#include "tests/unit/unit.h"

static const char hostile[] = "a\n</testsuite> # TODO & \"\033\"";

static struct policytest_case one;
static struct policytest_suite suite;
static struct policytest_file file;
static struct policytest_rule rule;
static struct policytest_run run;
static struct conf_node node;
static struct rehearsal_step step;
static struct slice accepted, rejected;

static void setup(bool passed)
{
    node = (struct conf_node){.file = "t.yaml", .line = 7};
    step = (struct rehearsal_step){.stage = STAGE_RCPT, .judged = true, .reply = SLICE(""), .remark = ""};
    accepted = SLICE("accept");
    rejected = SLICE("reject");
    one = (struct policytest_case){.name = hostile, .node = &node};
    one.expected.of[POLICYTEST_ACTION] = (struct policytest_texts){.known = true, .items = passed ? &accepted : &rejected, .count = 1};
    one.result = (struct policytest_result){.passed = passed, .policy = "inbound", .step = &step, .last = &step};
    one.result.got.of[POLICYTEST_ACTION] = (struct policytest_texts){.known = true, .items = &accepted, .count = 1};
    rule = (struct policytest_rule){.policy = "inbound", .listing = {STAGE_DATA, "late", "c.yaml", 3}};
    suite = (struct policytest_suite){.label = "c.yaml", .rules = &rule, .rule_count = 1, .unreached = 1};
    file = (struct policytest_file){.path = "t.yaml", .suite = &suite, .cases = &one, .count = 1, .failed = !passed};
    run = (struct policytest_run){.files = &file, .suites = &suite, .count = 1, .failed = !passed, .rules = 1, .unreached = 1};
}

static size_t count_of(const struct buf *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text->ptr; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

START_TEST(a_run_passes_if_nothing_failed_and_all_that_must_be_was_reached)
{
    setup(true);
    ck_assert(policytest_passed(&run));
    run.require_coverage = true;
    ck_assert(!policytest_passed(&run));
    run.unreached = 0;
    ck_assert(policytest_passed(&run));
    setup(false);
    ck_assert(!policytest_passed(&run));
}
END_TEST

START_TEST(tap_has_one_line_for_each_case_and_no_directive_from_a_name)
{
    struct buf out = {0};
    setup(false);
    policytest_report_tap(&run, &out);
    ck_assert(slice_starts(buf_slice(&out), SLICE("TAP version 13\n1..1\nnot ok 1 - t.yaml: a\\x0a</testsuite> \\# TODO")));
    ck_assert_uint_eq(count_of(&out, "ok "), 1);
    ck_assert_uint_eq(count_of(&out, " #"), 0);
    ck_assert_uint_eq(count_of(&out, "\n# not reached: inbound  data     late  c.yaml:3\n"), 1);
    ck_assert_uint_eq(count_of(&out, "\033"), 0);
    buf_release(&out);
}
END_TEST

START_TEST(tap_counts_coverage_as_a_case_if_it_is_required)
{
    struct buf out = {0};
    setup(true);
    run.require_coverage = true;
    policytest_report_tap(&run, &out);
    ck_assert_uint_eq(count_of(&out, "1..2\nok 1 - "), 1);
    ck_assert_uint_eq(count_of(&out, "\nnot ok 2 - c.yaml: every rule is reached\n"), 1);
    buf_release(&out);
}
END_TEST

START_TEST(junit_escapes_what_would_be_markup)
{
    struct buf out = {0};
    setup(false);
    policytest_report_junit(&run, &out);
    ck_assert_uint_eq(count_of(&out, "</testsuite>"), 1);
    ck_assert_uint_eq(count_of(&out, "&lt;/testsuite&gt; # TODO &amp; &quot;\\x1b&quot;"), 1);
    ck_assert_uint_eq(count_of(&out, "<failure message=\"not as expected\">"), 1);
    ck_assert_uint_eq(count_of(&out, "<testsuites tests=\"1\" failures=\"1\">"), 1);
    ck_assert_uint_eq(count_of(&out, "\033"), 0);
    buf_release(&out);
}
END_TEST

START_TEST(json_escapes_names_and_lists_what_was_not_reached)
{
    struct buf out = {0};
    setup(false);
    policytest_report_json(&run, &out);
    ck_assert_uint_eq(count_of(&out, "\"passed\": false"), 2);
    ck_assert_uint_eq(count_of(&out, "# TODO & \\\"\\u001B\\\"\""), 1);
    ck_assert_uint_eq(count_of(&out, "\"rule\": \"late\""), 1);
    buf_release(&out);
}
END_TEST

START_TEST(people_see_what_was_expected_and_what_came)
{
    struct buf out = {0};
    setup(false);
    policytest_report_text(&run, &out);
    ck_assert_uint_eq(count_of(&out, "  FAIL  a\\x0a"), 1);
    ck_assert_uint_eq(count_of(&out, "action         expected  reject\n"), 1);
    ck_assert_uint_eq(count_of(&out, "got       accept\n"), 1);
    ck_assert_uint_eq(count_of(&out, "0 of 1 cases passed, 0 of 1 rules reached\n"), 1);
    buf_release(&out);
}
END_TEST

UNIT_MAIN("policytest_report", a_run_passes_if_nothing_failed_and_all_that_must_be_was_reached,
          tap_has_one_line_for_each_case_and_no_directive_from_a_name, tap_counts_coverage_as_a_case_if_it_is_required,
          junit_escapes_what_would_be_markup, json_escapes_names_and_lists_what_was_not_reached, people_see_what_was_expected_and_what_came)
