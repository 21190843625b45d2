/* Proves filters/signature/base64.c. */
#include "filters/signature/base64.h"
#include "tests/unit/unit.h"

START_TEST(plausible_is_what_has_only_its_letters)
{
    static const char *const good[] = {"", "QUJD", "QU\r\n JD\t", "QQ==", "QQ", "+/9=", "Q Q = ="};
    static const char *const bad[] = {":", "QQ=Q", "Q-", "Q\x80", "=Q"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(base64_is_plausible(slice_of(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!base64_is_plausible(slice_of(bad[i])), "%s", bad[i]);
}
END_TEST

START_TEST(one_spelling_comes_of_all)
{
    static const char *const pairs[][2] = {{"QUJD", "QUJD"},  {" QU\r\n JD ", "QUJD"}, {"QQ", "QQ=="},  {"QR", "QQ=="},     {"QQ=", "QQ=="},
                                           {"QQ===", "QQ=="}, {"QUI", "QUI="},         {"QUJ", "QUI="}, {"QUJDQ", "QUJDQ"}, {"", ""}};
    struct arena *arena = arena_new();
    unsigned char bytes[BASE64_MAX];
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct slice text = base64_normalise(slice_of(pairs[i][0]), arena);
        size_t len;
        ck_slice_eq(text, pairs[i][1]);
        ck_assert(base64_decode(text, bytes, &len) == (text.len > 0 && text.len % 4 == 0));
    }
    arena_free(&arena);
}
END_TEST

START_TEST(other_spellings_are_not_decoded)
{
    static const char *const bad[] = {"", "Q", "QQ", "QQ=", "QR==", "QUJ=", "QQ= ", "QUJDQQ==QUJD", "Q Q="};
    unsigned char bytes[BASE64_MAX];
    size_t len;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!base64_decode(slice_of(bad[i]), bytes, &len), "%s", bad[i]);
    ck_assert(base64_decode(SLICE("QQ=="), bytes, &len));
    ck_assert_uint_eq(len, 1);
    ck_assert_int_eq(bytes[0], 'A');
}
END_TEST

UNIT_MAIN("filters/signature/base64", plausible_is_what_has_only_its_letters, one_spelling_comes_of_all, other_spellings_are_not_decoded)
