/* conf_fixture: an arena and a collection of errors for tests of the configuration. */
#ifndef TESTS_UNIT_BASE_CONF_FIXTURE_H
#define TESTS_UNIT_BASE_CONF_FIXTURE_H

#include "base/config/conf_node.h"
#include "tests/unit/unit.h"

#include <stdio.h>

struct conf_fixture {
    struct arena *arena;
    struct conf_errors errors;
    char *printed; /* what conf_errors_print wrote last */
};

static inline void fixture_begin(struct conf_fixture *f)
{
    f->arena = arena_new();
    f->printed = NULL;
    conf_errors_init(&f->errors, f->arena);
}

static inline void fixture_end(struct conf_fixture *f)
{
    free(f->printed);
    arena_free(&f->arena);
}

/** Everything noted so far, as it is shown to people. */
static inline const char *fixture_print(struct conf_fixture *f)
{
    size_t size;
    free(f->printed);
    FILE *out = open_memstream(&f->printed, &size);
    conf_errors_print(&f->errors, out);
    fclose(out);
    return f->printed;
}

static inline struct conf_node *fixture_read(struct conf_fixture *f, const char *text)
{
    return conf_read_text(slice_of(text), "t.yaml", f->arena, &f->errors);
}

/** Reads text that must be refused, or complained about, with exactly these lines. */
#define ck_conf_errors(text, lines)                                                                                                        \
    do {                                                                                                                                   \
        struct conf_fixture f_;                                                                                                            \
        fixture_begin(&f_);                                                                                                                \
        fixture_read(&f_, text);                                                                                                           \
        ck_assert_str_eq(fixture_print(&f_), lines);                                                                                       \
        fixture_end(&f_);                                                                                                                  \
    } while (0)

#endif
