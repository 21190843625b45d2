/* spf_trace: how the strict engine came to its verdict, term by term, with every DNS answer it used. For explanations only. Pure.
 *
 * A query without a trace costs a comparison with NULL. An evaluation that is run again begins its trace anew, so what stays is the
 * last run. All texts are copies in the trace's arena; answers stay in the map. A trace is as bounded as the evaluation. */
#ifndef FILTERS_SPF_SPF_TRACE_H
#define FILTERS_SPF_SPF_TRACE_H

#include "filters/spf/spf_run.h"

enum spf_step_kind {
    SPF_STEP_LOOKUP, /* with a TXT that is a record: its terms stand below, in the order of evaluation up to the last one reached */
    SPF_STEP_TERM,   /* below: what it looked up */
};

enum spf_step_outcome { SPF_STEP_FOLLOWED /* redirect, exp */, SPF_STEP_NO_MATCH, SPF_STEP_MATCHES, SPF_STEP_ERROR };

struct spf_trace_step {
    enum spf_step_kind kind;
    struct slice text;               /* LOOKUP: the name, any bytes; TERM: as it stands in the record, printable ASCII */
    enum dns_type type;              /* LOOKUP */
    const struct dns_answer *answer; /* LOOKUP; NULL: never asked for, as no name that can have such a record */
    enum spf_step_outcome outcome;   /* TERM */
    const char *gives;               /* TERM: the result of an include that has one, else NULL */
    struct spf_trace_step *parent, *first, **last, *next;
};

/** Of one identity. */
struct spf_trace {
    struct arena *arena;
    struct spf_trace_step top; /* its children are the first steps */
    struct spf_trace_step *at; /* what is under way */
    unsigned terms, voids;     /* counted against SPF_TERMS_MAX and SPF_VOIDS_MAX */
};

/** What the filter tells of one identity. */
struct spf_told {
    struct slice domain; /* empty: there was nothing to check */
    struct spf_verdict verdict;
    struct spf_trace trace;
};

/** What the filter tells of a transaction, if somebody asks for it (mail.h). */
struct spf_story {
    const struct spf_engine *engine; /* NULL: the filter did not come to an end */
    struct spf_told mail_from, helo;
};

/* In all of these trace may be NULL. */

/** Forgets what an earlier run has told. */
void spf_trace_begin(struct spf_trace *trace);
/** A term is looked at: prefix and text, one behind the other. What follows belongs to it until spf_trace_leave. */
void spf_trace_enter(struct spf_trace *trace, const char *prefix, struct slice text);
void spf_trace_leave(struct spf_trace *trace, enum spf_match match);
/** The last lookup gave a record, whose terms follow. */
void spf_trace_enter_record(struct spf_trace *trace);
/** Where it is now; and back there, out of all that was entered since. */
struct spf_trace_step *spf_trace_mark(struct spf_trace *trace);
void spf_trace_return(struct spf_trace *trace, struct spf_trace_step *mark);
/** The include under way gives this. */
void spf_trace_gives(struct spf_trace *trace, enum spf_result result);
/** A lookup, once for each term. */
void spf_trace_lookup(struct spf_trace *trace, struct slice name, enum dns_type type, const struct dns_answer *answer);

/** dns_view_find, told to the query's trace. */
const struct dns_answer *spf_trace_find(const struct spf_query *query, struct dns_view *view, struct slice name, enum dns_type type);

#endif
