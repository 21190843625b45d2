/* conf_node: a YAML document as a tree that knows where each part stands.
 *
 * One file, one document. Refused: aliases and anchors, tags, merge keys, duplicate keys, keys that are no scalars, invalid UTF-8,
 * tabs and other control characters, nesting over 32, files over 16 MiB, over a million values in all.
 * Scalars stay text: what they mean is decided by whoever reads them.
 * `include: FILE` (or a list of files) as a key of the top mapping adds what those files hold (depth 8, 256 files in all, relative
 * to the including file): mappings of one name are merged, anything else that is set twice is a duplicate key. */
#ifndef BASE_CONF_NODE_H
#define BASE_CONF_NODE_H

#include "base/config/conf_error.h"

enum conf_kind { CONF_SCALAR, CONF_MAP, CONF_LIST };

struct conf_node {
    enum conf_kind kind;
    const char *file;
    unsigned line, column;          /* from 1 */
    const struct conf_node *parent; /* NULL: the document */
    struct slice key;               /* if the parent is a map; NUL-terminated, holds no NUL */
    unsigned key_line, key_column;
    size_t index;      /* if the parent is a list: from 0 */
    struct slice text; /* scalar; NUL-terminated, holds no NUL */
    bool quoted;       /* scalar written in quotes or as a block: never null */
    struct conf_node *children, *next;
    size_t count; /* of children */
};

/** Reads a regular file. NULL if its YAML could not be read to the end; then errors holds why. A tree may come with errors, too
 *  (duplicate keys, tags). A document without content is an empty mapping. */
struct conf_node *conf_read_file(const char *path, struct arena *arena, struct conf_errors *errors);
/** Reads text (the embedded defaults, tests). name stands for the file's name in errors. `include` is refused: no file is opened. */
struct conf_node *conf_read_text(struct slice text, const char *name, struct arena *arena, struct conf_errors *errors);
/** The child with this key, or NULL. node may be NULL or no map. */
const struct conf_node *conf_get(const struct conf_node *node, const char *key);
/** An unquoted empty scalar, "~" or "null". */
bool conf_is_null(const struct conf_node *node);
/** "policies.inbound.rcpt[2].when", fit to be shown; long keys are cut. Empty for the document. */
const char *conf_path(const struct conf_node *node, struct arena *arena);
const char *conf_kind_name(enum conf_kind kind); /* "a scalar", "a mapping", "a list" */

#endif
