/* unit: the few lines every unit test shares. A test file defines its START_TESTs and lists them in UNIT_MAIN. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include "base/slice.h"

#include <check.h>
#include <stdlib.h>

/** Compares a slice with a C string and shows both on failure. */
#define ck_slice_eq(actual, expected)                                                                                                      \
    do {                                                                                                                                   \
        struct slice actual_ = (actual);                                                                                                   \
        struct slice expected_ = slice_of(expected);                                                                                       \
        ck_assert_msg(slice_eq(actual_, expected_), "%s is \"%.*s\", expected \"%.*s\"", #actual, SLICE_FMT(actual_),                      \
                      SLICE_FMT(expected_));                                                                                               \
    } while (0)

static inline int unit_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 30);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define UNIT_MAIN(name, ...)                                                                                                               \
    int main(void)                                                                                                                         \
    {                                                                                                                                      \
        const TTest *const tests[] = {__VA_ARGS__};                                                                                        \
        return unit_run(name, tests, sizeof tests / sizeof tests[0]);                                                                      \
    }

#endif
