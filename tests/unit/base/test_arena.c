#include "base/arena.h"
#include "tests/unit/unit.h"

START_TEST(memory_is_zeroed_aligned_and_apart_also_after_clearing)
{
    struct arena *a = arena_new();
    for (int round = 0; round < 3; round++) {
        char *before = NULL;
        size_t before_size = 0;
        for (size_t n = 1; n < 5000; n = n * 3 / 2 + 1) {
            char *p = arena_alloc(a, n);
            ck_assert_uint_eq((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < n; i++)
                ck_assert_int_eq(p[i], 0);
            memset(p, 'x', n);
            for (size_t i = 0; i < before_size; i++)
                ck_assert_int_eq(before[i], 'x');
            before = p;
            before_size = n;
        }
        arena_clear(a);
    }
    arena_free(&a);
    ck_assert_ptr_null(a);
}
END_TEST

START_TEST(clearing_an_unused_arena_and_freeing_none_are_fine)
{
    struct arena *a = arena_new();
    arena_clear(a);
    ck_assert_ptr_nonnull(arena_alloc(a, 0));
    arena_free(&a);
    arena_free(&a);
}
END_TEST

START_TEST(a_large_request_does_not_make_the_small_ones_behind_it_large)
{
    struct arena *a = arena_new();
    const char *small = arena_alloc(a, 16);
    memset(arena_alloc(a, 100000), 'x', 100000);
    const char *next = arena_alloc(a, 16);
    ck_assert_ptr_eq(next, small + 16);
    arena_free(&a);
}
END_TEST

static void note(void *data)
{
    char **at = data;
    *(*at)++ = 'x';
}

START_TEST(clean_ups_run_once_at_clearing_and_at_freeing)
{
    char notes[8] = "", *at = notes;
    struct arena *a = arena_new();
    arena_add_cleanup(a, note, &at);
    arena_add_cleanup(a, note, &at);
    arena_clear(a);
    ck_assert_str_eq(notes, "xx");
    arena_add_cleanup(a, note, &at);
    arena_free(&a);
    ck_assert_str_eq(notes, "xxx");
}
END_TEST

UNIT_MAIN("base/arena", memory_is_zeroed_aligned_and_apart_also_after_clearing, clearing_an_unused_arena_and_freeing_none_are_fine,
          a_large_request_does_not_make_the_small_ones_behind_it_large, clean_ups_run_once_at_clearing_and_at_freeing)
