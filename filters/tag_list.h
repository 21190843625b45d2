/* tag_list: "a=rsa-sha256; d=example.com; ..." (RFC 6376 §3.2), the form of ARC's and DKIM's signature fields. Pure. */
#ifndef FILTERS_TAG_LIST_H
#define FILTERS_TAG_LIST_H

#include "base/arena.h"

enum { TAG_LIST_MAX = 32 };

struct tag {
    struct slice name;
    struct slice value;  /* without the white space around it; folding inside it stays */
    struct slice extent; /* everything between "=" and ";" */
};

struct tag_list {
    struct tag tags[TAG_LIST_MAX];
    size_t count;
};

/** False: malformed, a tag given twice, or more tags than TAG_LIST_MAX. Values are views into text. */
bool tag_list_parse(struct slice text, struct tag_list *out);
/** NULL: there is none. Tag names are case-sensitive. */
const struct tag *tag_list_find(const struct tag_list *list, const char *name);
/** The tag's value, or the empty slice. */
struct slice tag_list_value(const struct tag_list *list, const char *name);
/** A copy without white space, for base64. */
struct slice tag_value_compact(struct slice value, struct arena *arena);

#endif
