/* policy: ordered rules per stage; the first decision wins. Pure: facts in, one decision out.
 *
 * Loading checks everything that can be checked without mail: unknown facts, facts not known at their stage, words a fact can
 * never have, operators that do not fit, undefined lists, replies whose class contradicts the action, unreachable rules. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/config/conf_node.h"
#include "filters/facts.h"

enum action {
    ACTION_ACCEPT,     /* ends the stage; also what happens if no rule decides */
    ACTION_TRUST,      /* no further rules or filters for this session */
    ACTION_REJECT,     /* 5xx */
    ACTION_TEMPFAIL,   /* 4xx */
    ACTION_DISCARD,    /* 250 to the client, nothing to the backend; stage data only */
    ACTION_QUARANTINE, /* passed on with a mark the backend can sort by; stage data only */
    ACTION_TAG,        /* adds header fields and goes on with the next rule; stage data only (what is known earlier is known there) */
};

struct policy_header {
    struct slice name, value; /* value: rendered, sanitised */
    struct policy_header *next;
};

/** A rule in shadow mode that matched before another one decided. */
struct policy_shadow {
    const char *rule;
    enum action action;
    struct policy_shadow *next;
};

struct decision {
    enum action action;            /* ACCEPT if no rule decided */
    const char *rule;              /* its name, or NULL: no rule decided */
    bool shadowed;                 /* the whole policy is in shadow: act as if accepted, log action and rule */
    int reply_code;                /* of reject and tempfail, else 0; 421 (close the connection) only at stage connect */
    struct slice reply_enhanced;   /* "5.7.1" */
    struct slice reply_text;       /* rendered, printable ASCII, at most 400 bytes */
    struct policy_header *headers; /* from tag rules, in order */
    struct policy_shadow *shadow;
};

struct policy;
struct policy_lists;

/** Reads `lists:`: each name a list of entries (policy_pattern.h), inline or as {file: PATH}, with one entry a line (# comments), or
 *  both. node may be NULL. */
struct policy_lists *policy_lists_load(const struct conf_node *node, struct arena *arena, struct conf_errors *errors);
/** Reads one policy (the mapping under `policies.NAME`); may add header facts to the schema. node and lists must live as long as the
 *  policy. Never NULL; use it only if no errors were noted. */
struct policy *policy_load(const struct conf_node *node, const char *name, const struct policy_lists *lists, struct fact_schema *schema,
                           struct arena *arena, struct conf_errors *errors);
/** Decides on facts of the schema that the policy was loaded with. shadow: the whole installation is in shadow mode. Strings of
 *  *out live in arena or in the policy. */
void policy_decide(const struct policy *policy, enum stage stage, const struct facts *facts, bool shadow, struct arena *arena,
                   struct decision *out);
/** One rule that was tried. */
struct policy_trial {
    const char *rule;
    enum action action;
    bool shadow, matched;
    const int *facts; /* ids of the facts that were looked at until the rule was settled, each once; valid during the call */
    size_t fact_count;
};

/** Told of every rule in the order in which they are tried; those behind the one that decides are not. */
struct policy_trace {
    void (*tried)(void *ctx, const struct policy_trial *trial);
    void *ctx;
};

/** policy_decide itself, watched. trace may be NULL. */
void policy_decide_traced(const struct policy *policy, enum stage stage, const struct facts *facts, bool shadow, struct arena *arena,
                          struct decision *out, const struct policy_trace *trace);
/** Whether the decision is to be carried out as a refusal: one in shadow is not. */
bool decision_refuses(const struct decision *decision);
/** Whether any rule stands at this stage. */
bool policy_has_stage(const struct policy *policy, enum stage stage);
/** The built-in policy (YAML, the value of `policies.NAME`), used if the configuration has none. */
struct slice policy_default_text(void);

const char *action_name(enum action action);

#endif
