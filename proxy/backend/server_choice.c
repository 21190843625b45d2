/* server_choice: see server_choice.h. */
#include "proxy/backend/server_choice.h"

enum { WHOLE = 1000, LEAST = 100 };

static bool find_best_rank(const struct server_candidate *c, size_t count, int64_t *rank)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        if (c[i].usable && (!found || c[i].rank < *rank))
            *rank = c[i].rank;
        found = found || c[i].usable;
    }
    return found;
}

/** Whether a would be less loaded than b with one session more. */
static bool is_better(const struct server_candidate *a, const struct server_candidate *b)
{
    uint64_t load_a = (a->sessions + 1) * b->weight, load_b = (b->sessions + 1) * a->weight;
    return load_a != load_b ? load_a < load_b : a->chosen < b->chosen;
}

int server_choose(const struct server_candidate *candidates, size_t count)
{
    int64_t rank = 0;
    int best = SERVER_CHOICE_FULL;
    if (!find_best_rank(candidates, count, &rank))
        return SERVER_CHOICE_NONE;
    for (size_t i = 0; i < count; i++) {
        const struct server_candidate *c = &candidates[i];
        if (c->usable && !c->full && c->rank == rank && (best < 0 || is_better(c, &candidates[best])))
            best = (int)i;
    }
    return best;
}

uint64_t server_grown_weight(int64_t weight, int64_t up_ms, int64_t slow_ms)
{
    int64_t share = WHOLE;
    if (slow_ms > 0 && up_ms < slow_ms)
        share = LEAST + (WHOLE - LEAST) * (up_ms > 0 ? up_ms : 0) / slow_ms;
    return (uint64_t)(weight * share);
}
