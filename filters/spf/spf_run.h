/* spf_run: what the parts of the strict evaluator share during one run: how they ask, what they may still ask (RFC 7208 §4.6.4),
 * and how far they look ahead. Pure.
 *
 * After a miss the run goes on as if the term had not matched, so that names which do not depend on each other are asked for
 * together. Its verdict no longer counts then, as view->missed tells the caller; a term that certainly ends the evaluation,
 * and any limit, ends the looking ahead too. */
#ifndef FILTERS_SPF_SPF_RUN_H
#define FILTERS_SPF_SPF_RUN_H

#include "filters/spf/spf_eval.h"

/** No looking ahead once the message has asked for so many names (a record and ten terms): the rest of SPF's part of the budget, 21
 *  by default, is for names that are needed, wherever looking ahead has led. */
enum { SPF_AHEAD_NAMES = 11 };

enum spf_match {
    SPF_NO_MATCH,
    SPF_MATCH,
    SPF_OPEN,  /* something was missed */
    SPF_ENDED, /* the evaluation is over: see error */
};

struct spf_run {
    const struct spf_query *query;
    struct dns_view *view;
    struct arena *arena;      /* scratch: does not outlive the run */
    unsigned missed_at_start; /* view->missed */
    unsigned terms, voids;
    enum spf_result error; /* after SPF_ENDED */
    const char *reason;    /* of the error, static */
};

/** Ends the run with an error; returns SPF_ENDED. */
enum spf_match spf_run_end(struct spf_run *run, enum spf_result error, const char *reason);
/** True once something was missed. */
bool spf_run_is_open(const struct spf_run *run);
/** Before each term that looks up (a redirect too). False: it has ended the run, as one too many or as too far ahead. */
bool spf_run_count_term(struct spf_run *run);
/** NULL: missed. A name that DNS does not allow is answered without a query: no such name. */
const struct dns_answer *spf_run_ask(struct spf_run *run, struct slice name, enum dns_type type);
/** The same for the name of a mechanism: a failure ends the run, and so does one void answer too many. SPF_MATCH: *answer has
 *  records. A name that DNS does not allow matches nothing and is no lookup (§4.8 leaves it open). */
enum spf_match spf_run_ask_for_term(struct spf_run *run, struct slice name, enum dns_type type, const struct dns_answer **answer);
/** Expands the domain-spec of a term; an empty one is the current domain. SPF_MATCH: *name can be asked for. */
enum spf_match spf_run_target(struct spf_run *run, struct slice spec, struct slice domain, struct slice *name);

#endif
