/* policytest_reader: what the parts that read a test file share. */
#ifndef PROXY_POLICYTEST_READER_H
#define PROXY_POLICYTEST_READER_H

#include "proxy/settings/settings.h"

struct policytest_reader {
    const struct settings *settings;
    struct arena *arena;
    struct conf_errors *errors;
};

/** Whether node is a mapping; its keys that are none of the known ones are noted. needed: "a case" and the like. */
bool policytest_reader_map(struct policytest_reader *r, const struct conf_node *node, const char *needed, const char *const *keys,
                           size_t count);
/** Whether node is a scalar with text; if not that is noted. */
bool policytest_reader_scalar(struct policytest_reader *r, const struct conf_node *node, const char *needed);
/** The index of node's text among the words; -1 after noting that it is none of them. */
int policytest_reader_word(struct policytest_reader *r, const struct conf_node *node, const char *what, const char *const *words,
                           size_t count);
/** A file that is named relative to the one in which its name stands. */
const char *policytest_reader_path(struct policytest_reader *r, const struct conf_node *node);
/** Calls fn for node, or for each item of the list that node is. */
void policytest_reader_each(struct policytest_reader *r, const struct conf_node *node, const char *needed,
                            void (*fn)(void *ctx, const struct conf_node *item), void *ctx);

#endif
