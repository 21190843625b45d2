/* policytest: cases that prove a policy: what they give, what they expect, what came of it. The types that its parts share. */
#ifndef PROXY_POLICYTEST_H
#define PROXY_POLICYTEST_H

#include "proxy/offline/rehearsal.h"
#include "proxy/policytest/policytest_picture.h"

/** What came of a case. */
struct policytest_result {
    bool passed;
    const char *policy;                /* the one that decided */
    const struct rehearsal_step *step; /* what was compared; NULL: the session ended before the stage that the case names */
    const struct rehearsal_step *last; /* how it ended */
    struct policytest_picture got;
};

struct policytest_case {
    const char *name;
    const struct conf_node *node;
    const struct policy_settings *policy; /* the one it names; NULL: the one that a listener would choose */
    bool has_stage;                       /* it names one */
    enum stage stage;                     /* that; else the first one at which all given facts are known */
    bool plays;                           /* a session with script; else facts are given */
    struct facts facts;
    struct rehearsal_script script;
    struct listener_settings listener; /* what script.listener points to */
    const struct conf_node *message;   /* or NULL: the client leaves before DATA */
    const char *zone;                  /* file; or NULL: no name exists */
    struct policytest_picture expected;
    struct policytest_result result;
    struct policytest_case *next;
};

/** A rule, and whether a case reached it: it matched, so that it decided, or would if it were not in shadow, or had its effect. */
struct policytest_rule {
    const char *policy;
    struct policy_listing listing;
    bool reached;
};

/** One configuration under test. */
struct policytest_suite {
    const char *label; /* its file; or the test file in which it stands */
    const char *place; /* the file, whatever way leads to it */
    struct settings *settings;
    struct policytest_rule *rules;
    size_t rule_count, unreached;
    struct policytest_suite *next;
};

struct policytest_file {
    const char *path;
    const struct conf_node *root;
    struct policytest_suite *suite;
    struct policytest_case *cases;
    size_t count, failed;
    struct policytest_file *next;
};

/** All of it. */
struct policytest_run {
    struct policytest_file *files;
    struct policytest_suite *suites;
    bool require_coverage; /* a rule that no case reached is a failure */
    size_t count, failed;  /* cases */
    size_t rules, unreached;
};

/** Whether nothing failed. */
bool policytest_passed(const struct policytest_run *run);

#endif
