/* shadow_tally: sums up what the decision lines of a log say about candidate policies and rules in shadow mode. Pure.
 *
 * Decisions that differ in the same way are one case. Cases, examples and what is remembered of senders and clients are bounded. */
#ifndef PROXY_SHADOW_TALLY_H
#define PROXY_SHADOW_TALLY_H

#include "base/arena.h"
#include "proxy/logbook/distinct.h"
#include "proxy/logbook/log_line.h"

enum { SHADOW_CASES_MAX = 500, SHADOW_EXAMPLES_MAX = 50 };

enum shadow_kind {
    SHADOW_CANDIDATE, /* a candidate policy would have decided otherwise */
    SHADOW_RULE,      /* a rule in shadow mode, or any rule if the whole installation is, would have acted */
};

/** What makes two decisions the same case. Texts are empty where they do not apply. */
struct shadow_key {
    enum shadow_kind kind;
    struct slice policy, stage;
    struct slice candidate, differs;                   /* SHADOW_CANDIDATE: its name; the words of candidate.differs */
    struct slice live_action, live_rule, action, rule; /* action, rule: of the candidate, or of the rule in shadow */
};

struct shadow_fact {
    struct slice name, value; /* value.ptr NULL: absent */
    struct shadow_fact *next;
};

struct shadow_example {
    struct slice time, session, tx, client, from, to, reply; /* reply: the candidate's */
    struct shadow_fact *facts;                               /* those that settled it */
};

/** The earliest and the latest time, as the log writes them: such texts can be compared. Empty: none yet. */
struct shadow_period {
    char first[32], last[32];
};

struct shadow_case {
    struct shadow_key key;
    uint64_t count;
    uint64_t refused; /* times that the mail was refused all the same */
    struct shadow_period period;
    struct distinct senders, clients;
    struct arena **kept;             /* of each example */
    struct shadow_example *examples; /* the last ones; the oldest at index count % room once it is full */
    struct shadow_case *next;
};

/** How many decisions the log tells of, for one policy and stage. */
struct shadow_base {
    struct slice policy, stage;
    uint64_t count;
    struct shadow_base *next;
};

struct shadow_tally {
    struct arena *arena;
    struct slice since;               /* in the log's own form; earlier lines are left out; empty: none are */
    size_t example_room;              /* for each case */
    uint64_t decisions;               /* lines */
    uint64_t messages, recipients;    /* of which they tell */
    uint64_t differing, same_outcome; /* same_outcome: by another rule only; no case */
    uint64_t shadowed;                /* lines with a rule in shadow */
    uint64_t beyond;                  /* of cases that could not be remembered */
    struct shadow_period period;
    struct shadow_case *cases; /* in the order in which they came */
    struct shadow_case **last_case;
    size_t case_count;
    struct shadow_base *bases;
};

void shadow_tally_init(struct shadow_tally *t, struct arena *arena, struct slice since, size_t examples);
void shadow_tally_release(struct shadow_tally *t);
/** Any line of the log. */
void shadow_tally_add(struct shadow_tally *t, const struct log_line *line);
/** Puts the most frequent cases first, candidates before rules. */
void shadow_tally_sort(struct shadow_tally *t);
/** Decisions made at the case's policy and stage, as far as the log tells; 0: it does not. */
uint64_t shadow_tally_base(const struct shadow_tally *t, const struct shadow_case *c);
/** How many examples it has. */
size_t shadow_case_examples(const struct shadow_tally *t, const struct shadow_case *c);
/** The i-th example, oldest first. */
const struct shadow_example *shadow_case_example(const struct shadow_tally *t, const struct shadow_case *c, size_t i);

#endif
