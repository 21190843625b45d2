/* policytest_report: what came of the cases: for people, for test harnesses (TAP version 13, JUnit's XML) and for programs. Pure. */
#ifndef PROXY_POLICYTEST_REPORT_H
#define PROXY_POLICYTEST_REPORT_H

#include "base/buf.h"
#include "proxy/policytest/policytest.h"

/** Each case, what was wrong and why, and the rules that no case reached. */
void policytest_report_text(const struct policytest_run *run, struct buf *out);
void policytest_report_tap(const struct policytest_run *run, struct buf *out);
void policytest_report_junit(const struct policytest_run *run, struct buf *out);
/** One JSON object, ASCII only. */
void policytest_report_json(const struct policytest_run *run, struct buf *out);

/** Why a case failed, in indented lines: what was expected, what came, and the rules that were tried. Used by the others. */
void policytest_report_failure(struct buf *out, size_t indent, const struct policytest_case *c);
/** "inbound  rcpt  rate limit  mailweir.yaml:12", in columns: the rules of a configuration that no case reached. */
void policytest_report_unreached(struct buf *out, size_t indent, const struct policytest_suite *suite);
/** A name from a test file, fit to be shown. */
void policytest_report_name(struct buf *out, const char *name);

#endif
