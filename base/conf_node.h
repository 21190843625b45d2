/* conf_node: a YAML document as a tree that knows where each part stands.
 *
 * One file, one document. Refused: aliases and anchors, tags, duplicate keys, keys that are no plain scalars, invalid UTF-8,
 * tabs, nesting over 32, files over 16 MiB. Scalars stay text: what they mean is decided by whoever reads them.
 * `include: FILE` as a key of the top mapping merges that file's top-level keys (depth 8, relative to the including file). */
#ifndef BASE_CONF_NODE_H
#define BASE_CONF_NODE_H

#include "base/conf_error.h"

enum conf_kind { CONF_SCALAR, CONF_MAP, CONF_LIST };

struct conf_node {
    enum conf_kind kind;
    const char *file;
    unsigned line, column;          /* from 1 */
    const struct conf_node *parent; /* NULL: the document */
    struct slice key;               /* if the parent is a map */
    unsigned key_line, key_column;
    size_t index;      /* if the parent is a list: from 0 */
    struct slice text; /* scalar; NUL-terminated, holds no NUL */
    bool quoted;       /* scalar written in quotes or as a block: never null */
    struct conf_node *children, *next;
    size_t count; /* of children */
};

/** Reads a file. NULL only if nothing could be parsed; then errors holds why. */
struct conf_node *conf_read_file(const char *path, struct arena *arena, struct conf_errors *errors);
/** Reads text (the embedded defaults, tests). name stands for the file's name in errors. */
struct conf_node *conf_read_text(struct slice text, const char *name, struct arena *arena, struct conf_errors *errors);
/** The child with this key, or NULL. node may be NULL or no map. */
const struct conf_node *conf_get(const struct conf_node *node, const char *key);
/** An unquoted empty scalar, "~" or "null". */
bool conf_is_null(const struct conf_node *node);
/** "policies.inbound.rcpt[2].when" */
const char *conf_path(const struct conf_node *node, struct arena *arena);
const char *conf_kind_name(enum conf_kind kind); /* "a scalar", "a mapping", "a list" */

#endif
