/* option: one table row per configuration option, from which the parser, the defaults, the help and the reference come.
 *
 * A table describes a C struct: each row names a key, its type, where in the struct its value goes, its range, its default
 * as text, and what it means. Tables nest (sections), repeat (lists of sections) or repeat by name (named sections). */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include "base/config/conf_node.h"
#include "base/net_addr.h"

enum option_type {
    OPTION_BOOL,     /* bool: true | false */
    OPTION_NUMBER,   /* int64_t */
    OPTION_DURATION, /* int64_t milliseconds: 500ms, 30s, 5m, 1h, 7d */
    OPTION_SIZE,     /* int64_t bytes: 4096, 64KiB, 50MiB, 1GiB */
    OPTION_RATE,     /* struct option_rate: 120/1h */
    OPTION_TEXT,     /* const char *; NULL without default */
    OPTION_WORD,     /* int: index into words */
    OPTION_ENDPOINT, /* struct net_addr with port */
    OPTION_NETWORK,  /* struct option_network: 192.0.2.0/24 or an address */
    OPTION_TEXTS,    /* struct option_list of const char *; a single scalar counts as a list of one */
    OPTION_SECTION,  /* struct at offset, described by section; absent: its defaults */
    OPTION_SECTIONS, /* struct option_list of structs; a scalar item sets the section's first option */
    OPTION_NAMED, /* struct option_list of structs from a mapping; the section's first row must be {"name", OPTION_TEXT} and gets the key;
                     a scalar value sets the section's second option */
    OPTION_NODE,  /* const struct conf_node *: read by its owner (policies, lists); absent: its fallback as a tree, or NULL */
    OPTION_PATH,  /* const char *: a file or directory; one that does not begin with / is relative to the file it is written in */
};

struct option_rate {
    int64_t count;
    int64_t period_ms;
};

struct option_network {
    struct net_addr addr; /* host bits zero */
    unsigned bits;
};

struct option_list {
    size_t count;
    void *items; /* array of the row's item type */
};

/** One row. A row with the empty key "" and type OPTION_NODE is no option: it stores the node that its own table was loaded from
 *  (the section's mapping, or the scalar that stands for it; NULL: the section is absent), for messages with a position.
 *
 *  An explicit null (`~`) unsets an OPTION_TEXT, OPTION_PATH or list that is not required, and stands for an absent section or
 *  node. For everything else, and for a key with nothing behind it, it is an error. */
struct option {
    const char *key;
    enum option_type type;
    size_t offset;
    const char *fallback;         /* default as written in YAML; NULL: none. For a required row: an example for the reference */
    int64_t min, max;             /* for numbers, durations (ms) and sizes (bytes); both 0: no bound */
    const char *const *words;     /* OPTION_WORD: NULL-terminated */
    const struct option *section; /* OPTION_SECTION, _SECTIONS, _NAMED: ends with a row whose key is NULL */
    size_t section_size;          /* bytes of the section's struct */
    bool required;
    const char *doc; /* one or two sentences for help and reference */
};

/** Fills *target (zeroed first, then defaults, then node's values). Unknown keys, wrong types, values out of range and missing
 *  required keys are noted in errors, each with its position; such an option keeps its default. node NULL: defaults only.
 *  Memory comes from arena. */
void options_load(const struct option *table, size_t size, const struct conf_node *node, void *target, struct arena *arena,
                  struct conf_errors *errors);
/** What target, filled by options_load, holds, as a tree that loads to the same again. defaults: a struct of the table's defaults, to leave
 *  out what is equal; or NULL. Texts of the tree are those of target, or in arena. */
struct conf_node *options_dump(const struct option *table, const void *target, const void *defaults, struct arena *arena);
/** Writes the table as commented YAML with every default, which loads as it is. Required rows show their fallback as an example.
 *  indent: spaces before each line. */
void options_print_defaults(const struct option *table, unsigned indent, FILE *out);
/** The row for a dotted path such as "limits.message_size", "listeners.address", "listeners[0].address" or
 *  "backends.main.address". *parent (may be NULL) gets the table it stands in, or the one in which the search failed. NULL if
 *  unknown. */
const struct option *options_find(const struct option *table, struct slice path, const struct option **parent);
/** The path of an option that this one, which options_find does not know, is likely to mean: its unknown steps replaced by the nearest
 *  keys. NULL if there is none. */
const char *options_meant(const struct option *table, struct slice path, struct arena *arena);
/** The key of the table most like this one, for "did you mean"; or NULL. */
const char *options_nearest(const struct option *table, struct slice key);
/** Prints type, unit, range, default and meaning of one row, and the options below it. */
void options_print_help(const struct option *row, const char *path, FILE *out);
/** Prints, in one line of YAML from the top of the table, how the option at path, which options_find knows, is set to something else than
 *  its default: "limits: {idle: 5m}". Nothing for sections and for options in a form of their own. */
void options_print_example(const struct option *table, struct slice path, FILE *out);
/** Prints a line for each option of the table and below: path, type and default. */
void options_print_index(const struct option *table, FILE *out);

#endif
