/* Proves policy/conditions/regex.c: what is found, what is refused, and that every subject has an end. */
#include "policy/conditions/regex.h"

#include "base/buf.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct regex_engine *engine;

static void open_engine(void)
{
    arena = arena_new();
    engine = regex_engine_new(arena);
}

static enum regex_result search(const char *pattern, struct slice subject)
{
    char error[REGEX_ERROR_MAX];
    size_t offset;
    const struct regex *r = regex_compile(engine, slice_of(pattern), arena, error, &offset);
    ck_assert_msg(r, "%s: %s at %zu", pattern, error, offset);
    return regex_search(r, subject);
}

static bool finds(const char *pattern, const char *subject)
{
    enum regex_result result = search(pattern, slice_of(subject));
    ck_assert_int_ne(result, REGEX_GAVE_UP);
    return result == REGEX_YES;
}

START_TEST(a_pattern_is_found_anywhere_and_without_case)
{
    open_engine();
    ck_assert(finds("viagra", "Cheap VIAGRA now") && !finds("viagra", "cheap"));
    ck_assert(finds("^cheap .*now$", "Cheap viagra NOW") && !finds("^viagra", "cheap viagra"));
    ck_assert(!finds("(?-i)viagra", "VIAGRA") && finds("(?-i)viagra", "a viagra"));
    ck_assert(finds("^$", "") && !finds(".", ""));
    ck_assert(!finds("a$", "a\n"));
    arena_free(&arena);
}
END_TEST

START_TEST(letters_beyond_ascii_are_letters_and_broken_utf8_matches_nothing)
{
    open_engine();
    ck_assert(finds("^gr\xc3\xbc\xc3\x9f.$", "Gr\xc3\x9c\xc3\x9f"
                                             "e"));
    ck_assert(finds("^.$", "\xe2\x82\xac"));
    ck_assert(!finds("^.$", "\xff") && finds("b", "a\xff\xfe"
                                                  "b"));
    arena_free(&arena);
}
END_TEST

START_TEST(a_bad_pattern_is_told_with_its_offset)
{
    static const struct {
        const char *pattern, *error;
        size_t offset;
    } bad[] = {{"a(b", "missing closing parenthesis", 3},
               {"[a-", "missing terminating ]", 3},
               {"*a", "quantifier does not follow", 0},
               {"a\\C", "\\C", 3},
               {"(?<n", "name", 4},
               {"((a{1000}){1000}){1000}", "too large", 0}};
    open_engine();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char error[REGEX_ERROR_MAX];
        size_t offset;
        ck_assert_ptr_null(regex_compile(engine, slice_of(bad[i].pattern), arena, error, &offset));
        ck_assert_msg(strstr(error, bad[i].error) != NULL, "%s: %s", bad[i].pattern, error);
        if (bad[i].offset)
            ck_assert_msg(offset == bad[i].offset, "%s: %zu", bad[i].pattern, offset);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_pattern_that_backtracks_without_end_gives_up)
{
    static const char *const patterns[] = {"(a+)+b$",         "^(a|aa)+$",   "(a*)*c$", "(.*)(.*)(.*)(.*)(.*)x[yz]",
                                           "((a?){30}){30}b", "(?R)?a(?R)?b"};
    static const size_t lengths[] = {60, 300, 3000, REGEX_SUBJECT_MAX};
    open_engine();
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++) {
            struct buf subject = {0};
            while (subject.len + 6 < lengths[j])
                buf_add_text(&subject, "a");
            buf_add_text(&subject, "!xbdc!");
            ck_assert_msg(search(patterns[i], buf_slice(&subject)) == REGEX_GAVE_UP, "%s, %zu bytes", patterns[i], lengths[j]);
            buf_release(&subject);
        }
    arena_free(&arena);
}
END_TEST

START_TEST(what_people_write_is_found_in_long_subjects)
{
    struct buf subject = {0};
    open_engine();
    while (subject.len < 1000)
        buf_add_text(&subject, "spam and more spam, ");
    buf_add_text(&subject, "eggs");
    ck_assert_int_eq(search("^.*?eggs", buf_slice(&subject)), REGEX_YES);
    ck_assert_int_eq(search("spam.*eggs", buf_slice(&subject)), REGEX_YES);
    ck_assert_int_eq(search("^(\\w+[ ,]*)+$", buf_slice(&subject)), REGEX_YES);
    ck_assert_int_eq(search("spam.{0,20}ham", buf_slice(&subject)), REGEX_NO);
    buf_release(&subject);
    arena_free(&arena);
}
END_TEST

START_TEST(recursion_is_bounded)
{
    struct buf subject = {0};
    open_engine();
    for (size_t n = 0; n < 5000; n++)
        buf_add_text(&subject, "(");
    ck_assert_int_eq(search("^(\\((?1)*\\))+$", buf_slice(&subject)), REGEX_GAVE_UP);
    buf_release(&subject);
    arena_free(&arena);
}
END_TEST

START_TEST(of_a_long_subject_the_beginning_is_searched_and_the_rest_is_no_answer)
{
    struct buf subject = {0};
    open_engine();
    buf_add_text(&subject, "needle");
    while (subject.len < REGEX_SUBJECT_MAX + 100)
        buf_add_text(&subject, "x");
    buf_add_text(&subject, "pin");
    ck_assert_int_eq(search("needle", buf_slice(&subject)), REGEX_YES);
    ck_assert_int_eq(search("pin", buf_slice(&subject)), REGEX_GAVE_UP);
    buf_release(&subject);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("policy/conditions/regex", a_pattern_is_found_anywhere_and_without_case,
          letters_beyond_ascii_are_letters_and_broken_utf8_matches_nothing, a_bad_pattern_is_told_with_its_offset,
          a_pattern_that_backtracks_without_end_gives_up, what_people_write_is_found_in_long_subjects, recursion_is_bounded,
          of_a_long_subject_the_beginning_is_searched_and_the_rest_is_no_answer)
