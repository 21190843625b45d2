/* conf_nearest: finds what somebody meant who mistyped a word: edit distance (insert, remove, replace, swap neighbours), or the
 * rest of a word that was cut short. Pure. */
#include "base/config/conf_error.h"

enum { WORD_MAX = 64, DISTANCE_MAX = 3, BEGINNING_MIN = 3 };

static char folded(char c)
{
    return c == '-' ? '_' : ascii_lower(c);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/** Both at most WORD_MAX long. Three rows of the table of distances between prefixes are enough. */
static unsigned distance(struct slice a, struct slice b)
{
    unsigned rows[3][WORD_MAX + 1];
    for (unsigned j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            char x = folded(a.ptr[i - 1]), y = folded(b.ptr[j - 1]);
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == folded(b.ptr[j - 2]) && y == folded(a.ptr[i - 2]))
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

/** How many slips still count as a typing error in a word of this length. */
static unsigned tolerance(size_t len)
{
    return len < 5 ? 1 : len < 9 ? 2 : DISTANCE_MAX;
}

static bool begins_with(struct slice candidate, struct slice word)
{
    if (candidate.len < word.len)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (folded(candidate.ptr[i]) != folded(word.ptr[i]))
            return false;
    return true;
}

/** The only candidate that begins with word: "warn" for "warning". */
static const char *completion(struct slice word, const char *const *candidates, size_t count)
{
    const char *found = NULL;
    if (word.len < BEGINNING_MIN)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!begins_with(slice_of(candidates[i]), word))
            continue;
        if (found)
            return NULL;
        found = candidates[i];
    }
    return found;
}

const char *conf_nearest(struct slice word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    if (word.len == 0 || word.len > WORD_MAX)
        return NULL;
    unsigned best_distance = tolerance(word.len) + 1;
    for (size_t i = 0; i < count; i++) {
        struct slice candidate = slice_of(candidates[i]);
        if (candidate.len == 0 || candidate.len > WORD_MAX)
            continue;
        unsigned d = distance(word, candidate);
        if (d < best_distance && 2 * d <= candidate.len) {
            best = candidates[i];
            best_distance = d;
        }
    }
    return best ? best : completion(word, candidates, count);
}
