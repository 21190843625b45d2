/* Proves filters/signature/public_key.c. The RSA keys were made once for this test; the Ed25519 one, digest and signature too. */
#include "filters/signature/public_key.h"
#include "tests/unit/unit.h"

#include <openssl/evp.h>

#define RSA_1024                                                                                                                           \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDDE8Lnc+0WiI8e08UGzY9QuFE7TzyXNuHrLWJNqJRxwx4TareUTBCnStl6uZJ0oJCQ1088CHodNp788n0ycbDL+7rBkQoq" \
    "a54qTj6sJ3vJdTkjnHmiLtDR1faBE/Kjyji3W6/LXlQdBY0nOCJ38hPcS0a/Xdk8I6DSXVxQpDuDmwIDAQAB"
#define HUGE_EXPONENT                                                                                                                      \
    "MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKBgQC4sYwd+Axl6gLKhVq0HWIRl4aH5Vy6QL3+GGlrmuyZ6yrMa/5Tt9jTxzFrCEcmcgbNTBxBlbZ5Toyt4KdMWrVQtMxY" \
    "U2IU3OT0KKD+kKMF6sAOclGkapjuq0Iy3tCQeidy02ZTa7fCcrdMNWJLRzZy7Vx8fkctrRsaXIMVoxrjLQKBgQC4sYwd+Axl6gLKhVq0HWIRl4aH5Vy6QL3+GGlrmuyZ6yrM" \
    "a/5Tt9jTxzFrCEcmcgbNTBxBlbZ5Toyt4KdMWrVQtMxYU2IU3OT0KKD+kKMF6sAOclGkapjuq0Iy3tCQeidy02ZTa7fCcrdMNWJLRzZy7Vx8fkctrRsaXIMVoxrjKw=="
#define ELLIPTIC                                                                                                                           \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJro727RFrw2sJGAvQ2osXfWDihCOhy19A04/61OFnEy5YsGoIdwOEMpCBuaCeUbMKJFFIqUU1FgW7unVql5m/w=="

static struct arena *arena;
static const char *why;

static struct public_key *read_key(const char *base64, enum key_type type)
{
    return public_key_read(base64, type, 1024, arena, &why);
}

START_TEST(good_keys_are_taken)
{
    arena = arena_new();
    ck_assert_ptr_nonnull(read_key(RSA_1024, KEY_RSA));
    ck_assert_ptr_null(why);
    ck_assert_ptr_nonnull(read_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", KEY_ED25519));
    ck_assert_ptr_nonnull(read_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", KEY_ED25519)); /* RFC 6376 §2.10 */
    arena_free(&arena);
}
END_TEST

START_TEST(other_keys_are_refused_with_the_reason)
{
    static const struct {
        const char *base64;
        enum key_type type;
        const char *why;
    } cases[] = {
        {"", KEY_RSA, "key is malformed"},
        {"AAAA", KEY_RSA, "key is malformed"},
        {"=", KEY_RSA, "key is malformed"},
        {RSA_1024 "AAAA", KEY_RSA, "key is malformed"}, /* bytes behind it */
        {RSA_1024, KEY_ED25519, "key is malformed"},
        {ELLIPTIC, KEY_RSA, "key is malformed"},
        {HUGE_EXPONENT, KEY_RSA, "key is too long"},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", KEY_ED25519, "key is malformed"}, /* 31 bytes */
    };
    arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_ptr_null(read_key(cases[i].base64, cases[i].type));
        ck_assert_str_eq(why, cases[i].why);
    }
    ck_assert_ptr_null(public_key_read(RSA_1024, KEY_RSA, 1025, arena, &why));
    ck_assert_str_eq(why, "key is too short");
    arena_free(&arena);
}
END_TEST

START_TEST(what_a_key_costs_is_told_without_reading_it)
{
    arena = arena_new();
    ck_assert_ptr_null(public_key_judge_cost(RSA_1024, KEY_RSA, arena));
    ck_assert_ptr_null(public_key_judge_cost("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", KEY_ED25519, arena));
    ck_assert_str_eq(public_key_judge_cost(HUGE_EXPONENT, KEY_RSA, arena), "key is too long");
    ck_assert_str_eq(public_key_judge_cost(ELLIPTIC, KEY_RSA, arena), "key is malformed");
    ck_assert_str_eq(public_key_judge_cost(RSA_1024 "AAAA", KEY_RSA, arena), "key is malformed");
    ck_assert_str_eq(public_key_judge_cost("MIAAAAAA", KEY_RSA, arena), "key is malformed"); /* indefinite length */
    ck_assert_str_eq(public_key_judge_cost("", KEY_RSA, arena), "key is malformed");
    for (size_t i = 4; i < strlen(RSA_1024); i += 4) /* cut off anywhere */
        ck_assert_str_eq(public_key_judge_cost(arena_format(arena, "%.*s", (int)i, RSA_1024), KEY_RSA, arena), "key is malformed");
    ck_assert_str_eq(public_key_judge_cost(RSA_1024, KEY_ED25519, arena), "key is malformed");
    arena_free(&arena);
}
END_TEST

/* A key pair of the test's own, and its signature over a digest. */
struct signed_digest {
    struct public_key *key;
    uint8_t digest[SHA256_BYTES];
    char signature[100];
};

static void sign(struct signed_digest *s)
{
    unsigned char public[32], signature[64];
    char base64[48];
    size_t len = sizeof public;
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    memset(s->digest, 7, sizeof s->digest);
    EVP_PKEY_get_raw_public_key(pair, public, &len);
    EVP_EncodeBlock((unsigned char *)base64, public, 32);
    EVP_DigestSignInit(ctx, NULL, NULL, NULL, pair);
    len = sizeof signature;
    EVP_DigestSign(ctx, signature, &len, s->digest, sizeof s->digest);
    EVP_EncodeBlock((unsigned char *)s->signature, signature, 64);
    s->key = read_key(base64, KEY_ED25519);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pair);
}

START_TEST(a_signature_has_one_spelling)
{
    struct signed_digest s;
    arena = arena_new();
    sign(&s);
    ck_assert(public_key_verify(s.key, s.digest, slice_of(s.signature)));
    ck_assert_str_eq(s.signature + 86, "==");
    char *last = &s.signature[85];
    (*last)++; /* only changes bits that decoding drops, for the last letter before == is one of A, Q, g and w */
    ck_assert(!public_key_verify(s.key, s.digest, slice_of(s.signature)));
    (*last)--;
    ck_assert(!public_key_verify(s.key, s.digest, slice_first(slice_of(s.signature), 86)));
    ck_assert(!public_key_verify(s.key, s.digest, slice_of(arena_format(arena, "%s====", s.signature))));
    ck_assert(!public_key_verify(s.key, s.digest, SLICE("")));
    s.digest[31] ^= 1;
    ck_assert(!public_key_verify(s.key, s.digest, slice_of(s.signature)));
    arena_free(&arena);
}
END_TEST

/* The second time it comes from the cache; a key that was too short for one option may do for another. */
START_TEST(a_key_is_the_same_the_second_time)
{
    arena = arena_new();
    ck_assert_ptr_nonnull(read_key(RSA_1024, KEY_RSA));
    ck_assert_ptr_null(public_key_read(RSA_1024, KEY_RSA, 1025, arena, &why));
    ck_assert_str_eq(why, "key is too short");
    ck_assert_int_eq(public_key_bits(read_key(RSA_1024, KEY_RSA)), 1024);
    ck_assert_ptr_null(read_key(RSA_1024, KEY_ED25519)); /* it is there, but of the other type */
    ck_assert_str_eq(why, "key is malformed");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/signature/public_key", good_keys_are_taken, other_keys_are_refused_with_the_reason,
          what_a_key_costs_is_told_without_reading_it, a_signature_has_one_spelling, a_key_is_the_same_the_second_time)
