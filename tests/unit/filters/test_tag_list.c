#include "filters/tag_list.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static struct tag_list tags;

static bool parses(const char *text)
{
    return tag_list_parse(slice_of(text), &tags);
}

START_TEST(tags_are_found_by_name)
{
    struct arena *arena = arena_new();
    ck_assert(parses(" a = x ;\r\n\tbh=AB\r\n CD= ; B=; c_2=a=b;"));
    ck_assert_uint_eq(tags.count, 4);
    ck_slice_eq(tag_list_value(&tags, "a"), "x");
    ck_slice_eq(tag_list_find(&tags, "a")->extent, " x ");
    ck_slice_eq(tag_value_compact(tag_list_value(&tags, "bh"), arena), "ABCD=");
    ck_slice_eq(tag_list_value(&tags, "B"), "");
    ck_assert_ptr_null(tag_list_find(&tags, "b"));
    ck_slice_eq(tag_list_value(&tags, "c_2"), "a=b");
    ck_slice_eq(tag_list_value(&tags, "d"), "");
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_no_tag_list_is_refused)
{
    static const char *const bad[] = {"",      " ",    ";",       "a",      "=x",     "a=1;;b=2", "a=1;a=2", "1a=x",   "a b=x",
                                      "a-b=x", ";a=1", "a=1; ; ", "a=\x01", "a=\x7f", "a=x\ry",   "a=x\ny",  "a=x\n ", "a=1;b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!parses(bad[i]), "\"%s\"", bad[i]);
    ck_assert(!tag_list_parse(slice_make("a=x\0y", 5), &tags));
}
END_TEST

START_TEST(the_number_of_tags_is_bounded)
{
    char text[4 * TAG_LIST_MAX + 8] = "";
    for (int i = 0; i < TAG_LIST_MAX; i++)
        sprintf(text + strlen(text), "%c%c=;", 'a' + i % 26, 'a' + i / 26);
    ck_assert(parses(text));
    strcat(text, "z9=");
    ck_assert(!parses(text));
}
END_TEST

UNIT_MAIN("filters/tag_list", tags_are_found_by_name, what_is_no_tag_list_is_refused, the_number_of_tags_is_bounded)
