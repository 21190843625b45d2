/* arena: memory that lives and dies together.
 *
 * There are three lifetimes: process (with its configuration), session and transaction; each has an arena.
 * Pointers may go from the shorter to the longer life, never the other way. Nothing is freed one by one. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena;

struct arena *arena_new(void);
/** Runs the clean-ups, last added first, frees everything and sets *a to NULL. *a may be NULL. */
void arena_free(struct arena **a);
/** Runs the clean-ups and forgets all contents; keeps one block for reuse. */
void arena_clear(struct arena *a);
/** n zeroed bytes, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *a, size_t n);
/** Calls fn(data) when the arena is cleared or freed. */
void arena_add_cleanup(struct arena *a, void (*fn)(void *data), void *data);

/** A NUL-terminated copy. */
char *arena_string(struct arena *a, struct slice s);
/** A copy; also NUL-terminated one byte past its end. */
struct slice arena_copy(struct arena *a, struct slice s);
/** A copy with ASCII letters in lower case. */
struct slice arena_lower(struct arena *a, struct slice s);
/** A formatted, NUL-terminated string. */
char *arena_format(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
