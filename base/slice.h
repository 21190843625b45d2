/* slice: a view of bytes that somebody else owns. Not NUL-terminated; may contain any byte.
 * All comparisons named _nocase fold ASCII only: SMTP and DNS keywords know no other case. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *ptr;
    size_t len;
};

/** A slice of a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})
/** For printf's "%.*s". Only for text already known to be clean. */
#define SLICE_FMT(s) (int)(s).len, (s).ptr

static inline struct slice slice_make(const char *ptr, size_t len)
{
    return (struct slice){ptr, len};
}

/** The bytes of a C string; NULL gives the empty slice. */
static inline struct slice slice_of(const char *text)
{
    return (struct slice){text ? text : "", text ? strlen(text) : 0};
}

static inline bool slice_empty(struct slice s)
{
    return s.len == 0;
}

bool slice_eq(struct slice a, struct slice b);
bool slice_eq_nocase(struct slice a, struct slice b);
bool slice_starts(struct slice s, struct slice prefix);
bool slice_starts_nocase(struct slice s, struct slice prefix);
bool slice_ends_nocase(struct slice s, struct slice suffix);
/** Orders like memcmp, a prefix before the longer one. */
int slice_compare(struct slice a, struct slice b);

/** The first n bytes, or all of them if there are fewer. */
struct slice slice_first(struct slice s, size_t n);
/** All but the first n bytes; empty if there are fewer. */
struct slice slice_skip(struct slice s, size_t n);
/** Without leading and trailing space, tab, CR and LF. */
struct slice slice_trim(struct slice s);
/** Index of the first byte c, or -1. */
ptrdiff_t slice_index(struct slice s, char c);
/** Index of the last byte c, or -1. */
ptrdiff_t slice_last_index(struct slice s, char c);
/** Cuts the part before the first sep off *rest into *part. False once *rest was used up (ptr NULL).
 *  "a,,b" yields "a", "", "b"; "" yields "" once. */
bool slice_split(struct slice *rest, char sep, struct slice *part);
/** Decimal digits only, no sign, no overflow; false otherwise. */
bool slice_to_u64(struct slice s, uint64_t *value);
/** FNV-1a over the ASCII-lower-cased bytes, for hash tables that outsiders cannot grow without bound. */
uint64_t slice_hash_nocase(struct slice s);

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline bool ascii_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_is_alnum(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

#endif
