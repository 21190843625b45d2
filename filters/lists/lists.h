/* lists: the named lists of a configuration. Each entry is a network, a domain, a mailbox or a text (pattern.h);
 * the type of the fact that is looked up decides which of them count, so one list may hold several kinds.
 * A million entries load in seconds and answer in under a microsecond. */
#ifndef FILTERS_LISTS_LISTS_H
#define FILTERS_LISTS_LISTS_H

#include "base/cidr_set.h"
#include "base/config/conf_node.h"
#include "filters/facts.h"
#include "filters/lists/pattern.h"
#include "filters/lists/text_set.h"

/** An entry with stars; each is tried in turn. */
struct policy_list_glob {
    struct slice key;
    struct policy_list_glob *next;
};

struct policy_list {
    const char *name;
    struct cidr_set *networks;
    struct text_set *texts;
    struct policy_list_glob *globs;
    size_t counts[PATTERN_KIND_COUNT];
    size_t bad; /* entries refused */
    bool used;  /* somebody looked for it by its name */
    struct policy_list *next;
};

struct policy_lists {
    struct policy_list *first, **last;
};

/** Reads `lists:`: each name a list of entries (pattern.h), inline or as {file: PATH}, with one entry a line (# comments), or
 *  both. node may be NULL. */
struct policy_lists *policy_lists_load(const struct conf_node *node, struct arena *arena, struct conf_errors *errors);
/** Warns of lists that nothing has looked for (policy_list_find) up to now. node as for policy_lists_load. */
void policy_lists_warn_unused(const struct policy_lists *lists, const struct conf_node *node, struct conf_errors *errors);
/** NULL if there is none of that name. lists may be NULL. Whoever finds a list is taken to use it. */
const struct policy_list *policy_list_find(const struct policy_lists *lists, struct slice name);
/** The name most like this one, or NULL. */
const char *policy_list_nearest(const struct policy_lists *lists, struct slice name, struct arena *arena);
/** Whether it has an entry that a fact of this type could match; true for an empty list. */
bool policy_list_fits(const struct policy_list *list, enum fact_type type);
/** value must be present. */
bool policy_list_holds(const struct policy_list *list, enum fact_type type, const struct fact_value *value);

/** An empty list that is no member of `lists`. After the last entry comes policy_list_seal. name is kept by reference. */
struct policy_list *policy_list_new(const char *name, struct arena *arena);
void policy_list_seal(struct policy_list *list);
/** Adds one entry; NULL, or what is wrong with it. text is kept by reference. */
const char *policy_list_add(struct policy_list *list, struct slice text, struct arena *arena);
/** Adds a file's entries, one a line; blank lines and what follows "#" are skipped. from: the node that names the file, against
 *  whose own file a relative path is taken. */
void policy_list_add_file(struct policy_list *list, const struct conf_node *from, struct arena *arena, struct conf_errors *errors);

#endif
