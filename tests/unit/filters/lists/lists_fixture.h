/* lists_fixture: lists read from text, with the errors noted on the way. */
#ifndef TESTS_LISTS_FIXTURE_H
#define TESTS_LISTS_FIXTURE_H

#include "filters/lists/lists.h"
#include "tests/unit/unit.h"

struct fixture {
    struct arena *arena;
    struct conf_errors errors;
    struct policy_lists *lists;
};

static inline void fixture_open(struct fixture *f)
{
    *f = (struct fixture){.arena = arena_new()};
    conf_errors_init(&f->errors, f->arena);
}

static inline void fixture_close(struct fixture *f)
{
    arena_free(&f->arena);
}

/** Whether a note with this text stands at this line. */
static inline const struct conf_error *fixture_find_error(const struct fixture *f, unsigned line, const char *text)
{
    for (const struct conf_error *e = f->errors.first; e; e = e->next)
        if (strstr(e->text, text) && e->line == line)
            return e;
    return NULL;
}

#endif
