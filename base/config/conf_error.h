/* conf_error: everything wrong with a configuration, collected so that all of it is told at once.
 *
 * Texts and file names are made fit to be shown when they are noted (control bytes and broken UTF-8 become \xNN) and copied
 * into the collection's own arena: they may outlive the configuration. Beyond CONF_ERRORS_KEPT they are only counted. */
#ifndef BASE_CONF_ERROR_H
#define BASE_CONF_ERROR_H

#include "base/arena.h"

#include <stdio.h>

enum { CONF_ERRORS_KEPT = 500 };
enum conf_severity { CONF_ERROR, CONF_WARNING };

struct conf_error {
    enum conf_severity severity;
    const char *file;      /* or NULL */
    unsigned line, column; /* from 1; 0: the file as a whole */
    const char *text;      /* "policies.inbound.rcpt[2].when: unknown fact \"spff\"; did you mean \"spf\"?" */
    struct conf_error *next;
};

/** last points into the struct: do not copy it. */
struct conf_errors {
    struct arena *arena;
    struct conf_error *first, **last;
    size_t errors, warnings;
};

struct conf_node;

void conf_errors_init(struct conf_errors *e, struct arena *arena);
/** Notes an error at a node of the configuration; the text is preceded by the node's path. node NULL: no position. */
void conf_error_at(struct conf_errors *e, const struct conf_node *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
void conf_warning_at(struct conf_errors *e, const struct conf_node *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** As conf_error_at, but the position is that of the node's key: for unknown and duplicate keys. */
void conf_error_at_key(struct conf_errors *e, const struct conf_node *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
void conf_warning_at_key(struct conf_errors *e, const struct conf_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Notes an error at a position (for YAML syntax and list files). */
void conf_error_in(struct conf_errors *e, const char *file, unsigned line, unsigned column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/** Prints "file:line:column: error: text" lines in file and line order. Bytes from the file are shown escaped. */
void conf_errors_print(const struct conf_errors *e, FILE *out);
/** The candidate nearest to word by edit distance if it is near enough to be a typing error; else the only one that
 *  begins with word, if that has three letters; else NULL. Letter case and "-" for "_" do not count. */
const char *conf_nearest(struct slice word, const char *const *candidates, size_t count);

#endif
