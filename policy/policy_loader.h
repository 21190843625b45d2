/* policy_loader: what the parts that read a policy share: where they are, what is known there, where errors go. */
#ifndef POLICY_POLICY_LOADER_H
#define POLICY_POLICY_LOADER_H

#include "policy/policy_rules.h"

struct policy_loader {
    const struct policy_lists *lists;
    struct fact_schema *schema;
    struct arena *arena;
    struct conf_errors *errors;
    const char *help_url;         /* or NULL */
    bool split;                   /* the policy says what becomes of recipients that differ */
    enum stage stage;             /* of the rule being read */
    bool shadow;                  /* the rule being read never acts */
    struct regex_engine *regexes; /* NULL until the first one is read */
    struct text_set *names;       /* of the rules read so far; NULL before the first */
};

enum loader_place { AT_VALUE, AT_KEY };

/** The id of a fact named in node's value or key, or -1 after noting that it is unknown or not known yet at this stage. */
int policy_loader_fact(struct policy_loader *l, const struct conf_node *node, enum loader_place place, struct slice name);
/** Notes an error if the fact under node's key would make recipients of one message differ, but the policy has no `split`. */
void policy_loader_check_split(struct policy_loader *l, const struct conf_node *node, int fact);
/** Notes that node's value or key is none of the candidates, with the nearest of them. what: "action" and the like. */
void policy_loader_unknown(struct policy_loader *l, const struct conf_node *node, enum loader_place place, const char *what,
                           const char *const *candidates, size_t count);
/** The index of node's word in words (NULL-terminated), or -1 after noting that it is none of them. what: "mode" and the like. */
int policy_loader_word(struct policy_loader *l, const struct conf_node *node, const char *what, const char *const *words);
/** Whether node is a scalar with text; notes what is needed if not. */
bool policy_loader_scalar(struct policy_loader *l, const struct conf_node *node, const char *needed);
/** Names for an error: "a, b or c". */
const char *policy_loader_join(struct policy_loader *l, const char *const *words, size_t count);

#endif
