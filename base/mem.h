/* mem: allocation that cannot fail.
 *
 * A worker that runs out of memory ends itself with a log line; the master starts another. Its open
 * sessions are closed before any final dot is acknowledged, so their senders retry and nothing is lost.
 * Memory that outsiders can make us use is bounded by configuration long before this happens. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/** Returns n zeroed bytes, never NULL. Free with mem_free. */
void *mem_alloc(size_t n);
/** Resizes p (may be NULL) to n bytes; bytes beyond the old size are not cleared. Never NULL. */
void *mem_resize(void *p, size_t n);
void mem_free(void *p);

#endif
