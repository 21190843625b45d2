#include "base/text_list.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static void round_trip(const struct slice *items, size_t count)
{
    struct buf text = {0};
    struct slice rest, item;
    for (size_t i = 0; i < count; i++)
        text_list_add(&text, ',', items[i], i == 0);
    rest = buf_slice(&text);
    for (size_t i = 0; i < count; i++) {
        ck_assert(text_list_next(&rest, ',', &item, arena));
        ck_assert_msg(slice_eq(item, items[i]), "item %zu of %.*s", i, SLICE_FMT(buf_slice(&text)));
    }
    ck_assert(!text_list_next(&rest, ',', &item, arena));
    buf_release(&text);
}

START_TEST(separators_and_backslashes_inside_survive)
{
    const struct slice items[] = {SLICE("a,b"), SLICE("\\"), SLICE(""), SLICE("c\\,d\\"), SLICE(",")};
    arena = arena_new();
    round_trip(items, 5);
    arena_free(&arena);
}
END_TEST

START_TEST(random_lists_read_back_as_they_were)
{
    static const char alphabet[] = "ab,\\ ;";
    srandom(7);
    for (int round = 0; round < 5000; round++) {
        struct slice items[6];
        char texts[6][8];
        arena = arena_new();
        size_t count = (size_t)random() % 6 + 1;
        for (size_t i = 0; i < count; i++) {
            size_t len = (size_t)random() % 8;
            for (size_t j = 0; j < len; j++)
                texts[i][j] = alphabet[random() % 6];
            items[i] = slice_make(texts[i], len);
        }
        round_trip(items, count);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(a_backslash_at_the_end_stands_for_itself)
{
    struct slice rest = SLICE("a,b\\"), item;
    arena = arena_new();
    ck_assert(text_list_next(&rest, ',', &item, arena));
    ck_assert(text_list_next(&rest, ',', &item, arena));
    ck_slice_eq(item, "b\\");
    ck_assert(!text_list_next(&rest, ',', &item, arena));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("base/text_list", separators_and_backslashes_inside_survive, random_lists_read_back_as_they_were,
          a_backslash_at_the_end_stands_for_itself)
