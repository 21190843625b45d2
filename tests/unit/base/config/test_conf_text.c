#include "base/config/conf_text.h"
#include "tests/unit/base/conf_fixture.h"

static void check_shown(struct slice text, size_t max, const char *expected)
{
    struct buf b = {0};
    conf_text_show(&b, text, max);
    ck_slice_eq(buf_slice(&b), expected);
    buf_release(&b);
}

START_TEST(utf8_knows_every_boundary)
{
    ck_assert_uint_eq(conf_text_utf8(SLICE("a")), 1);
    ck_assert_uint_eq(conf_text_utf8(SLICE("\xc2\x80")), 2);
    ck_assert_uint_eq(conf_text_utf8(SLICE("\xe0\xa0\x80")), 3);
    ck_assert_uint_eq(conf_text_utf8(SLICE("\xed\x9f\xbf")), 3);
    ck_assert_uint_eq(conf_text_utf8(SLICE("\xf0\x90\x80\x80")), 4);
    ck_assert_uint_eq(conf_text_utf8(SLICE("\xf4\x8f\xbf\xbf")), 4);
}
END_TEST

START_TEST(utf8_refuses_overlong_surrogates_and_cut_sequences)
{
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xc3",
                                      "\xe2\x82",
                                      "\xf0\x9f\x98",
                                      ("\xc3"
                                       "a")};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(conf_text_utf8(slice_of(bad[i])) == 0, "sequence %zu was taken", i);
    ck_assert_uint_eq(conf_text_utf8(SLICE("")), 0);
}
END_TEST

START_TEST(shown_text_holds_no_control_byte)
{
    check_shown(SLICE("a\x1b[31m\n\x7f\0z"), 100, "a\\x1b[31m\\x0a\\x7f\\x00z");
    check_shown(SLICE("\xc2\x9b"), 100, "\\xc2\\x9b");
    check_shown(SLICE("gr\xc3\xbc\xc3"
                      "n \xff"),
                100, "gr\xc3\xbc\\xc3n \\xff");
}
END_TEST

START_TEST(shown_text_is_cut)
{
    check_shown(SLICE("abcdef"), 3, "abc...");
    check_shown(SLICE("abc"), 3, "abc");
}
END_TEST

START_TEST(control_characters_are_found)
{
    ck_assert(conf_text_has_control(SLICE("a\tb")));
    ck_assert(conf_text_has_control(SLICE("\xc2\x85")));
    ck_assert(!conf_text_has_control(SLICE("gr\xc3\xbcn")));
    ck_assert(!conf_text_has_control(SLICE("")));
}
END_TEST

START_TEST(check_tells_line_and_column_in_characters)
{
    struct conf_fixture f;
    fixture_begin(&f);
    ck_assert(!conf_text_check(SLICE("\xc3\xbc: 1\n\xc3\xbc\t: \xff\nk: \0\n"), "f", &f.errors));
    ck_assert_str_eq(fixture_print(&f), "f:2:2: error: a tab; use spaces (inside a text in double quotes write \\t)\n"
                                        "f:2:5: error: byte 0xff is not valid UTF-8\n"
                                        "f:3:4: error: control character 0x00 may not stand in a configuration\n");
    fixture_end(&f);
}
END_TEST

START_TEST(check_stops_complaining_some_time)
{
    struct conf_fixture f;
    char tabs[1000];
    memset(tabs, '\t', sizeof tabs);
    fixture_begin(&f);
    ck_assert(!conf_text_check(slice_make(tabs, sizeof tabs), "f", &f.errors));
    ck_assert_uint_eq(f.errors.errors, 20);
    fixture_end(&f);
}
END_TEST

UNIT_MAIN("base/conf_text", utf8_knows_every_boundary, utf8_refuses_overlong_surrogates_and_cut_sequences, shown_text_holds_no_control_byte,
          shown_text_is_cut, control_characters_are_found, check_tells_line_and_column_in_characters, check_stops_complaining_some_time)
