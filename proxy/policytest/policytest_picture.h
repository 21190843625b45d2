/* policytest_picture: what is to be seen of a decision, aspect by aspect, as texts: what a case expects and what it got can be
 * compared and shown in the same way. Pure. */
#ifndef PROXY_POLICYTEST_PICTURE_H
#define PROXY_POLICYTEST_PICTURE_H

#include "base/buf.h"
#include "proxy/offline/rehearsal.h"

enum policytest_aspect {
    POLICYTEST_ACTION,
    POLICYTEST_RULE,          /* empty: no rule decided */
    POLICYTEST_REPLY,         /* of ours, without CRLF; empty: the backend answers */
    POLICYTEST_TO,            /* where redirect and quarantine send it */
    POLICYTEST_TAG,           /* "Name: value", each */
    POLICYTEST_REMOVE_HEADER, /* names */
    POLICYTEST_SUBJECT_TAG,
    POLICYTEST_ADD_RECIPIENT,
    POLICYTEST_DELAY,  /* all together, as a duration */
    POLICYTEST_SHADOW, /* rules in shadow that matched */
    POLICYTEST_ASPECTS
};

struct policytest_texts {
    bool known; /* of an expectation: it is to be checked */
    struct slice *items;
    size_t count;
};

struct policytest_picture {
    struct policytest_texts of[POLICYTEST_ASPECTS];
};

/** As test files name it. */
const char *policytest_aspect_name(enum policytest_aspect aspect);
void policytest_picture_add(struct policytest_picture *picture, enum policytest_aspect aspect, struct slice text, struct arena *arena);
/** Texts in arena or in the step. */
struct policytest_picture policytest_picture_of(const struct rehearsal_step *step, struct arena *arena);
/** "5s": as expectations and pictures have it. */
struct slice policytest_duration(int64_t ms, struct arena *arena);
/** Whether an aspect is as expected; the order of several texts does not count. A reply may be expected by its codes alone. */
bool policytest_picture_holds(enum policytest_aspect aspect, const struct policytest_texts *expected, const struct policytest_texts *got);
/** Appends the texts on one line, fit to be shown; "none" if there are none. */
void policytest_texts_show(struct buf *out, const struct policytest_texts *texts);

#endif
