/* policy_words: every word of the policy language, in tables: stages, actions, the keys of policies and rules, operators.
 *
 * Whoever reads a policy takes the words from here, and so do the errors, the reference page and the JSON Schema: a word that is not in
 * a table does not exist. Each row says what its word means in one or two sentences for postmasters. */
#ifndef POLICY_POLICY_WORDS_H
#define POLICY_POLICY_WORDS_H

#include "policy/policy.h"

/** The keys of a rule, in the order in which they are best written. */
enum rule_key {
    RULE_KEY_RULE,
    RULE_KEY_MODE,
    RULE_KEY_WHEN,
    RULE_KEY_DO,
    /* The keys from here on belong to actions (policy_action_word). */
    RULE_KEY_REPLY,
    RULE_KEY_TO,
    RULE_KEY_HEADER,
    RULE_KEY_NAMES,
    RULE_KEY_TEXT,
    RULE_KEY_FOR,
    RULE_KEY_COUNT
};

/** What stands behind a key or an operator. */
enum policy_shape {
    SHAPE_NAME,      /* printable ASCII, at most 100 bytes */
    SHAPE_WORD,      /* one of the row's words */
    SHAPE_ACTION,    /* one of policy_actions */
    SHAPE_CONDITION, /* a mapping (all hold) or a list (one holds) of conditions */
    SHAPE_REPLY,     /* "550 5.7.1 text with {facts}" */
    SHAPE_TEXT,      /* one line of printable ASCII with {facts} */
    SHAPE_HEADER,    /* a mapping of field names to texts */
    SHAPE_FIELDS,    /* one or several field names, each perhaps with a final "*" */
    SHAPE_MAILBOX,   /* local-part@domain */
    SHAPE_MAILBOXES, /* one or several of them; a single one only if the action takes but one */
    SHAPE_DURATION,  /* 500ms, 5s */
    SHAPE_POLICY,    /* the name of another policy */
    SHAPE_VALUE,     /* what the fact's own type allows, or a list of it */
    SHAPE_TEST,      /* a value, a list of values or a mapping of operators */
    SHAPE_LISTS,     /* the name of one or several lists */
    SHAPE_NUMBER,    /* a number, a size or a duration */
    SHAPE_REGEX,     /* one or several regular expressions */
    SHAPE_BOOL,      /* true or false */
};

/** Sets of stages, types and keys are bits. */
#define POLICY_BIT(n) (1u << (unsigned)(n))
enum { POLICY_ALL_STAGES = (1u << STAGE_COUNT) - 1 };

struct policy_stage_word {
    const char *name;
    const char *doc;
};

struct policy_action_word {
    const char *name;
    const char *alias; /* another spelling, or NULL */
    unsigned stages;   /* bits of enum stage */
    unsigned keys;     /* bits of enum rule_key: what it takes besides rule, mode, when and do */
    unsigned needs;    /* those of them that it cannot do without */
    bool goes_on;      /* the rules behind it are tried, too; else it decides */
    const char *doc;
};

struct policy_key_word {
    const char *name;
    enum policy_shape shape;
    const char *const *words; /* SHAPE_WORD: NULL-terminated, the default first */
    bool required;
    const char *example; /* a value in YAML */
    const char *doc;
};

struct policy_operator_word {
    const char *name;
    unsigned types; /* bits of enum fact_type: what it can be applied to */
    enum policy_shape shape;
    const char *example; /* a value in YAML */
    const char *doc;
};

/** What combines conditions: any, all, not. */
struct policy_combinator_word {
    const char *name;
    const char *doc;
};

enum operator_word {
    OPERATOR_IN,
    OPERATOR_NOT,
    OPERATOR_OVER,
    OPERATOR_UNDER,
    OPERATOR_MATCHES,
    OPERATOR_ABSENT,
    OPERATOR_PRESENT,
    OPERATOR_COUNT
};
/** The keys of a policy besides the stages. */
enum policy_key { POLICY_KEY_SPLIT, POLICY_KEY_CANDIDATE, POLICY_KEY_COUNT };
enum combinator_word { COMBINATOR_ANY, COMBINATOR_ALL, COMBINATOR_NOT, COMBINATOR_COUNT };

extern const struct policy_stage_word policy_stages[STAGE_COUNT];                /* by enum stage */
extern const struct policy_action_word policy_actions[ACTION_COUNT];             /* by enum action */
extern const struct policy_key_word policy_rule_keys[RULE_KEY_COUNT];            /* by enum rule_key */
extern const struct policy_key_word policy_keys[POLICY_KEY_COUNT];               /* by enum policy_key */
extern const struct policy_operator_word policy_operators[OPERATOR_COUNT];       /* by enum operator_word */
extern const struct policy_combinator_word policy_combinators[COMBINATOR_COUNT]; /* by enum combinator_word */
/** What a value may be for facts of each type, by enum fact_type. */
extern const char *const policy_value_docs[FACT_LIST + 1];

/** The action of that name or alias, or -1. */
int policy_action_find(struct slice name);

#endif
