/* policy: ordered rules per stage; the first decision wins. Pure: facts in, one decision out.
 *
 * Loading checks everything that can be checked without mail: unknown facts, facts not known at their stage, words a fact can
 * never have, operators that do not fit, undefined lists, replies whose class contradicts the action, unreachable rules. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/config/conf_node.h"
#include "filters/facts.h"

enum action {
    /* These decide: */
    ACTION_ACCEPT,     /* ends the stage; also what happens if no rule decides */
    ACTION_TRUST,      /* no further rules or filters for this session */
    ACTION_REJECT,     /* 5xx */
    ACTION_TEMPFAIL,   /* 4xx */
    ACTION_DISCARD,    /* 250 to the client, nothing to the backend; stage data only */
    ACTION_QUARANTINE, /* passed on with a mark the backend can sort by, or to the mailbox that the rule names; stage data only */
    ACTION_REDIRECT,   /* passed on to another mailbox; stage rcpt: in place of this recipient, stage data: of all */
    ACTION_DISCONNECT, /* a refusing reply, and the connection is closed */
    /* These go on with the next rule (action_goes_on): */
    ACTION_TAG,           /* adds header fields; stage data only (what is known earlier is known there) */
    ACTION_REMOVE_HEADER, /* leaves out every header field of these names; stage data only */
    ACTION_SUBJECT_TAG,   /* puts a text in front of the subject; stage data only */
    ACTION_ADD_RECIPIENT, /* one more mailbox gets the message; stages rcpt and data */
    ACTION_DELAY,         /* the reply of this stage is held back for a time, whatever is decided */
    ACTION_COUNT
};

/** What a rule that goes on asks for. */
struct policy_effect {
    enum action action;
    const char *rule;
    struct slice name;  /* TAG, REMOVE_HEADER: the field */
    struct slice value; /* TAG, SUBJECT_TAG: rendered, sanitised; ADD_RECIPIENT: the mailbox */
    int64_t delay_ms;   /* DELAY */
    struct policy_effect *next;
};

/** A rule in shadow mode that matched before another one decided. */
struct policy_shadow {
    const char *rule;
    enum action action;
    struct policy_shadow *next;
};

struct policy;
struct policy_difference;

struct decision {
    const struct policy *policy; /* that decided; NULL: none was asked */
    enum action action;          /* ACCEPT if no rule decided */
    const char *rule;            /* its name, or NULL: no rule decided */
    bool shadowed;               /* the whole policy is in shadow: act as if accepted, log action and rule */
    int reply_code; /* of reject, tempfail and disconnect, else 0; 421 (close the connection) only of disconnect, and at connect */
    struct slice reply_enhanced;   /* "5.7.1" */
    struct slice reply_text;       /* rendered, printable ASCII, at most 400 bytes */
    struct slice to;               /* of redirect, and of a quarantine that names one: the mailbox; else empty */
    struct policy_effect *effects; /* of the rules that go on, in order; none if shadowed: they are in shadow then */
    struct policy_shadow *shadow;
    const struct policy_difference *candidate; /* how the candidate differs (policy_shadow.h); NULL: it does not, or nobody asked it */
    const char *gave_up; /* the first rule with a regular expression that reached its limits, and so counted as not found; or NULL */
};

struct policy_lists;

/** What a policy is read with. All of it must live as long as the policy. */
struct policy_context {
    const struct policy_lists *lists; /* or NULL */
    struct fact_schema *schema;       /* header facts may be added */
    struct arena *arena;
    struct conf_errors *errors;
    const char *help_url; /* {help_url} in texts; printable ASCII. NULL: not configured */
};

/** Reads one policy (the mapping under `policies.NAME`). node must live as long as the policy. Never NULL; use it only if no errors
 *  were noted. */
struct policy *policy_load(const struct conf_node *node, const char *name, const struct policy_context *context);
/** Once all are read: finds each one's candidate among them. */
void policy_join_candidates(struct policy *const *policies, size_t count, const struct policy_context *context);
/** Decides on facts of the schema that the policy was loaded with. shadow: the whole installation is in shadow mode. Strings of
 *  *out live in arena or in the policy. */
void policy_decide(const struct policy *policy, enum stage stage, const struct facts *facts, bool shadow, struct arena *arena,
                   struct decision *out);
/** One rule that was tried. */
struct policy_trial {
    const char *rule;
    enum action action;
    bool shadow, matched;
    bool gave_up;     /* a regular expression reached its limits */
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
/** Whether a rule with this action lets the rules behind it be tried. */
bool action_goes_on(enum action action);
/** All delays of the decision together, a minute at most. */
int64_t decision_delay_ms(const struct decision *decision);
/** Whether a decides more mildly than b: accept, then quarantine and redirect, discard, tempfail, reject, disconnect. */
bool decision_milder(const struct decision *a, const struct decision *b);

/** What happens to recipients of one message for whom stage data decides differently; one reply answers them all. */
enum policy_split {
    POLICY_SPLIT_DEFER,   /* they are not mixed: the first one accepted sets the class, others come in a transaction of their own */
    POLICY_SPLIT_LENIENT, /* they are mixed: the mildest decision for any of them is taken for all */
};
const char *policy_name(const struct policy *policy);
enum policy_split policy_split(const struct policy *policy);
/** The class of the recipient whose facts stand in facts: recipients of one policy and of equal class get the same decision at stage data,
 *  whatever the message is. Empty for all if no data rule looks at a recipient. Rules in shadow do not count: they must not change what
 *  a client is told. In arena. */
struct slice policy_rcpt_class(const struct policy *policy, const struct facts *facts, struct arena *arena);
/** The policy that runs beside this one on the same facts and never acts; NULL: none. */
const struct policy *policy_candidate(const struct policy *policy);

/** Whether any rule stands at this stage. */
bool policy_has_stage(const struct policy *policy, enum stage stage);
/** A rule as it stands in its file. */
struct policy_listing {
    enum stage stage;
    const char *rule;
    const char *file;
    unsigned line;
};
/** All rules, stage by stage, in order; the array in arena. */
const struct policy_listing *policy_list_rules(const struct policy *policy, struct arena *arena, size_t *count);
/** The built-in policy (YAML, the value of `policies.NAME`), used if the configuration has none. */
struct slice policy_default_text(void);

const char *action_name(enum action action);

#endif
