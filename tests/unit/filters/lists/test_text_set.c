/* Proves filters/lists/text_set.c. */
#include "filters/lists/text_set.h"

#include "filters/lists/pattern.h"
#include "tests/unit/unit.h"

#include <stdio.h>

START_TEST(keys_are_found_without_case)
{
    struct arena *arena = arena_new();
    struct text_set *set = text_set_new(arena);
    text_set_add(set, SLICE("Example.com"), PATTERN_SELF);
    text_set_add(set, SLICE(""), PATTERN_SELF);
    ck_assert(text_set_holds(set, SLICE("eXample.COM")));
    ck_assert(text_set_holds(set, SLICE("")));
    ck_assert(!text_set_holds(set, SLICE("xample.com")) && !text_set_holds(set, SLICE("example.co")));
    ck_assert(!text_set_holds(set, SLICE("a.example.com")));
    arena_free(&arena);
}
END_TEST

START_TEST(what_a_key_covers_adds_up)
{
    struct arena *arena = arena_new();
    struct text_set *set = text_set_new(arena);
    text_set_add(set, SLICE("example.com"), PATTERN_BELOW);
    ck_assert(!text_set_holds(set, SLICE("example.com")));
    ck_assert(text_set_holds(set, SLICE("a.b.example.com")));
    ck_assert(!text_set_holds(set, SLICE(".example.com")));
    text_set_add(set, SLICE("EXAMPLE.com"), PATTERN_SELF);
    ck_assert(text_set_holds(set, SLICE("example.com")) && text_set_holds(set, SLICE("a.example.com")));
    arena_free(&arena);
}
END_TEST

static struct slice random_name(unsigned *seed, struct arena *arena)
{
    static const char *const labels[] = {"a", "b", "cc", "A", "x-y"};
    char text[64] = "";
    int count = 1 + rand_r(seed) % 4;
    for (int i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? "." : "", labels[rand_r(seed) % 5]);
    return slice_of(arena_string(arena, slice_of(text)));
}

START_TEST(random_sets_answer_like_the_patterns_one_by_one)
{
    enum { KEYS = 12 };
    unsigned seed = 4711;
    for (int round = 0; round < 500; round++) {
        struct arena *arena = arena_new();
        struct text_set *set = text_set_new(arena);
        struct pattern patterns[KEYS];
        for (size_t i = 0; i < KEYS; i++) {
            patterns[i] = (struct pattern){PATTERN_DOMAIN, 1 + (unsigned)rand_r(&seed) % 3, random_name(&seed, arena), {0}, 0};
            text_set_add(set, patterns[i].key, patterns[i].covers);
        }
        for (int probe = 0; probe < 100; probe++) {
            struct slice name = random_name(&seed, arena);
            bool expected = false;
            for (size_t i = 0; i < KEYS; i++)
                expected |= pattern_matches_text(&patterns[i], name);
            ck_assert_int_eq(text_set_holds(set, name), expected);
        }
        arena_free(&arena);
    }
}
END_TEST

START_TEST(a_million_keys_are_held)
{
    struct arena *arena = arena_new();
    struct text_set *set = text_set_new(arena);
    for (unsigned i = 0; i < 1000000; i++)
        text_set_add(set, slice_of(arena_format(arena, "host%u.example", i)), PATTERN_SELF);
    for (unsigned i = 0; i < 1000000; i += 997) {
        char text[64];
        int n = snprintf(text, sizeof text, "HOST%u.example", i);
        ck_assert(text_set_holds(set, slice_make(text, (size_t)n)));
        n = snprintf(text, sizeof text, "host%u.example", i + 1000000);
        ck_assert(!text_set_holds(set, slice_make(text, (size_t)n)));
    }
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/lists/text_set", keys_are_found_without_case, what_a_key_covers_adds_up, random_sets_answer_like_the_patterns_one_by_one,
          a_million_keys_are_held)
