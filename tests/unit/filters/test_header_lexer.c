#include "filters/header_lexer.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void expect(struct header_lexer *lexer, enum lex_kind kind, const char *text)
{
    struct lex_token token = header_lexer_next(lexer);
    ck_assert_int_eq(token.kind, kind);
    ck_slice_eq(token.text, text);
}

START_TEST(comments_and_folding_are_seen_through)
{
    setup();
    struct header_lexer lexer = header_lexer_start(SLICE(" (a (nested \\) one)) john.doe\r\n\t@(c)example.com (x)"), arena);
    expect(&lexer, LEX_WORD, "john.doe");
    expect(&lexer, LEX_SPECIAL, "@");
    expect(&lexer, LEX_WORD, "example.com");
    expect(&lexer, LEX_END, "");
    arena_free(&arena);
}
END_TEST

START_TEST(quoted_strings_lose_quotes_and_backslashes)
{
    setup();
    struct header_lexer lexer = header_lexer_start(SLICE("\"a \\\"b\\\" @,;\" <x>"), arena);
    expect(&lexer, LEX_QUOTED, "a \"b\" @,;");
    expect(&lexer, LEX_SPECIAL, "<");
    expect(&lexer, LEX_WORD, "x");
    expect(&lexer, LEX_SPECIAL, ">");
    arena_free(&arena);
}
END_TEST

START_TEST(what_never_closes_is_broken)
{
    setup();
    const char *const broken[] = {"(open", "(a (b)", "\"open", "\"open\\", "[open", "a\x01"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct header_lexer lexer = header_lexer_start(slice_of(broken[i]), arena);
        struct lex_token token = header_lexer_next(&lexer);
        if (token.kind == LEX_WORD)
            token = header_lexer_next(&lexer);
        ck_assert_msg(token.kind == LEX_BROKEN, "%s", broken[i]);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_nul_is_broken_and_not_an_end)
{
    setup();
    struct header_lexer lexer = header_lexer_start(slice_make("a\0b", 3), arena);
    expect(&lexer, LEX_WORD, "a");
    ck_assert_int_eq(header_lexer_next(&lexer).kind, LEX_BROKEN);
    arena_free(&arena);
}
END_TEST

START_TEST(deep_comments_end)
{
    setup();
    char deep[4096];
    memset(deep, '(', sizeof deep);
    struct header_lexer lexer = header_lexer_start(slice_make(deep, sizeof deep), arena);
    ck_assert_int_eq(header_lexer_next(&lexer).kind, LEX_BROKEN);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/header_lexer", comments_and_folding_are_seen_through, quoted_strings_lose_quotes_and_backslashes,
          what_never_closes_is_broken, a_nul_is_broken_and_not_an_end, deep_comments_end)
