#include "proxy/smtp/sasl.h"

#include "tests/unit/unit.h"

#include <openssl/evp.h>

static char user[SASL_USER_MAX + 1];

/* The first message of len bytes, in base64. */
static bool read_bytes(enum sasl_mechanism mechanism, const char *message, size_t len)
{
    unsigned char text[4096];
    int n = EVP_EncodeBlock(text, (const unsigned char *)message, (int)len);
    return sasl_user(mechanism, slice_make((const char *)text, (size_t)n), user);
}

#define READ(mechanism, literal) read_bytes(mechanism, literal, sizeof(literal) - 1)

START_TEST(mechanisms_are_found_without_case_and_channel_binding_is_not)
{
    for (int m = 0; m < SASL_COUNT; m++) {
        ck_assert_int_eq((int)sasl_find(slice_of(sasl_name((enum sasl_mechanism)m))), m);
        ck_assert_int_eq((int)sasl_find(slice_of(sasl_words[m])), m);
    }
    ck_assert_ptr_null(sasl_words[SASL_COUNT]);
    ck_assert_int_eq(sasl_find(SLICE("SCRAM-SHA-256-PLUS")), SASL_COUNT);
    ck_assert_int_eq(sasl_find(SLICE("GSSAPI")), SASL_COUNT);
    ck_assert_int_eq(sasl_find(SLICE("")), SASL_COUNT);
}
END_TEST

START_TEST(base64_is_whole_groups_padded_at_the_end)
{
    static const char *const good[] = {"", "YQ==", "YWI=", "YWJj", "ab+/"}, *const bad[] = {"a",    "YQ=",  "YQ===", "=YWJ", "YQ==YWJj",
                                                                                            "Y=Q=", "YW j", "YWJ\n", "----", "===="};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(sasl_base64_valid(slice_of(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!sasl_base64_valid(slice_of(bad[i])), "%s", bad[i]);
}
END_TEST

START_TEST(each_mechanism_tells_its_user)
{
    ck_assert(READ(SASL_PLAIN, "\0joe\0secret"));
    ck_assert_str_eq(user, "joe");
    ck_assert(READ(SASL_PLAIN, "boss\0joe\0secret"));
    ck_assert_str_eq(user, "joe");
    ck_assert(READ(SASL_LOGIN, "joe@example.com"));
    ck_assert_str_eq(user, "joe@example.com");
    ck_assert(READ(SASL_CRAM_MD5, "joe smith 0123456789abcdef"));
    ck_assert_str_eq(user, "joe smith");
    ck_assert(READ(SASL_SCRAM_SHA_1, "n,,n=joe,r=abc"));
    ck_assert_str_eq(user, "joe");
    ck_assert(READ(SASL_SCRAM_SHA_256, "y,a=boss,n=j=2Co=3De,r=abc"));
    ck_assert_str_eq(user, "j,o=e");
    ck_assert(READ(SASL_XOAUTH2, "user=joe@example.com\001auth=Bearer x\001\001"));
    ck_assert_str_eq(user, "joe@example.com");
    ck_assert(READ(SASL_OAUTHBEARER, "n,a=joe@example.com,\001auth=Bearer x\001\001"));
    ck_assert_str_eq(user, "joe@example.com");
    ck_assert(READ(SASL_LOGIN, "j\303\266rg"));
    ck_assert_str_eq(user, "j\303\266rg");
}
END_TEST

START_TEST(messages_without_a_name_have_none)
{
    ck_assert(!READ(SASL_PLAIN, ""));
    ck_assert(!READ(SASL_PLAIN, "joe"));
    ck_assert(!READ(SASL_PLAIN, "\0joe"));
    ck_assert(!READ(SASL_PLAIN, "\0\0secret"));
    ck_assert(!READ(SASL_LOGIN, ""));
    ck_assert(!READ(SASL_CRAM_MD5, "0123456789abcdef"));
    ck_assert(!READ(SASL_SCRAM_SHA_1, "p=tls-unique,,n=joe,r=abc"));
    ck_assert(!READ(SASL_SCRAM_SHA_1, "n,,m=x,n=joe,r=abc"));
    ck_assert(!READ(SASL_SCRAM_SHA_1, "n,,n=joe"));
    ck_assert(!READ(SASL_SCRAM_SHA_1, "n,,n=j=oe,r=abc"));
    ck_assert(!READ(SASL_SCRAM_SHA_1, "n,,n=joe=2,r=abc"));
    ck_assert(!READ(SASL_SCRAM_SHA_1, "n,"));
    ck_assert(!READ(SASL_XOAUTH2, "auth=Bearer x\001user=joe\001"));
    ck_assert(!READ(SASL_XOAUTH2, "user=joe"));
    ck_assert(!READ(SASL_OAUTHBEARER, "n,,\001auth=Bearer x\001\001"));
    ck_assert_str_eq(user, "");
}
END_TEST

START_TEST(names_that_cannot_be_shown_are_none)
{
    char name[SASL_USER_MAX + 1];
    memset(name, 'a', sizeof name);
    ck_assert(read_bytes(SASL_LOGIN, name, SASL_USER_MAX));
    ck_assert(!read_bytes(SASL_LOGIN, name, SASL_USER_MAX + 1));
    ck_assert(!READ(SASL_LOGIN, "joe\033[2J"));
    ck_assert(!READ(SASL_LOGIN, "joe\r\nX"));
    ck_assert(!READ(SASL_LOGIN, "joe\0"));
    ck_assert(!READ(SASL_LOGIN, "joe\177"));
    ck_assert(!READ(SASL_LOGIN, "joe\377"));
    ck_assert(!READ(SASL_LOGIN, "joe\302\205"));
    ck_assert(!READ(SASL_LOGIN, "joe\303"));
    ck_assert_str_eq(user, "");
}
END_TEST

START_TEST(a_long_token_behind_the_name_does_no_harm)
{
    char message[3000] = "user=joe\001auth=Bearer ";
    memset(message + 21, 'x', sizeof message - 21);
    ck_assert(read_bytes(SASL_XOAUTH2, message, sizeof message));
    ck_assert_str_eq(user, "joe");
}
END_TEST

UNIT_MAIN("sasl", mechanisms_are_found_without_case_and_channel_binding_is_not, base64_is_whole_groups_padded_at_the_end,
          each_mechanism_tells_its_user, messages_without_a_name_have_none, names_that_cannot_be_shown_are_none,
          a_long_token_behind_the_name_does_no_harm)
