/* regex: regular expressions (PCRE2, without its just-in-time compiler), made safe for subjects that an attacker writes.
 *
 * A match may take a number of steps that depends on the subject's length alone, a depth and a heap; beyond them it gives up. The
 * limits are counts, not times: the same subject gives the same answer on every machine. Patterns are UTF-8 and match without case;
 * bytes of a subject that are no UTF-8 match nothing. */
#ifndef POLICY_CONDITIONS_REGEX_H
#define POLICY_CONDITIONS_REGEX_H

#include "base/arena.h"

enum {
    REGEX_PATTERN_MAX = 1000,
    REGEX_SUBJECT_MAX = 16 * 1024, /* of a longer subject the beginning is searched; if nothing is found there, REGEX_GAVE_UP */
    REGEX_ERROR_MAX = 160,
};

enum regex_result { REGEX_NO, REGEX_YES, REGEX_GAVE_UP };

struct regex_engine;
struct regex;

/** What expressions share while they run. Freed with the arena. */
struct regex_engine *regex_engine_new(struct arena *arena);
/** NULL if the pattern is bad: then error says why, and *offset is where, in bytes from 0. The engine must outlive it. */
const struct regex *regex_compile(struct regex_engine *engine, struct slice pattern, struct arena *arena, char error[REGEX_ERROR_MAX],
                                  size_t *offset);
enum regex_result regex_search(const struct regex *regex, struct slice subject);
/** Whether both have the same pattern. */
bool regex_equal(const struct regex *a, const struct regex *b);

#endif
