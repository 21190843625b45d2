/* Proves filters/signature/key_reader.c: what we build of a key's numbers is what OpenSSL reads. See test_public_key.c for what is refused.
 */
#include "filters/signature/key_reader.h"
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

static struct arena *arena;

static struct slice base64_of(const unsigned char *der, size_t len)
{
    char *text = arena_alloc(arena, 4096);
    return slice_make(text, (size_t)EVP_EncodeBlock((unsigned char *)text, der, (int)len));
}

/* Of a new key; its SubjectPublicKeyInfo in der[]. */
static size_t make_der(size_t bits, unsigned char *der)
{
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
    int len = i2d_PUBKEY(pair, &der);
    ck_assert_int_gt(len, 0);
    EVP_PKEY_free(pair);
    return (size_t)len;
}

static void expect_same(const unsigned char *der, size_t len, size_t bits)
{
    const unsigned char *at = der;
    struct slice text = base64_of(der, len);
    ck_assert_ptr_null(key_reader_judge(text, KEY_RSA, arena));
    EVP_PKEY *ours = key_reader_read(text, KEY_RSA, arena), *theirs = d2i_PUBKEY(NULL, &at, (long)len);
    ck_assert_ptr_nonnull(ours);
    ck_assert_int_eq(EVP_PKEY_eq(ours, theirs), 1);
    ck_assert_int_eq(EVP_PKEY_get_bits(ours), (int)bits);
    EVP_PKEY_free(ours);
    EVP_PKEY_free(theirs);
}

START_TEST(rsa_keys_are_built_as_openssl_reads_them)
{
    arena = arena_new();
    for (size_t bits = 512; bits <= 2048; bits *= 2) {
        unsigned char der[600];
        size_t len = make_der(bits, der);
        expect_same(der, len, bits);
    }
    arena_free(&arena);
}
END_TEST

/* Any byte of the frame changed: we take the key only if OpenSSL does, and as the same. */
START_TEST(changed_frames_are_read_as_openssl_reads_them)
{
    unsigned char der[600];
    arena = arena_new();
    size_t len = make_der(1024, der);
    for (size_t i = 0; i < len; i = i == 32 ? len - 6 : i + 1)
        for (unsigned change = 1; change < 256; change <<= 1) {
            der[i] ^= (unsigned char)change;
            const unsigned char *at = der;
            struct slice text = base64_of(der, len);
            EVP_PKEY *ours = key_reader_judge(text, KEY_RSA, arena) ? NULL : key_reader_read(text, KEY_RSA, arena);
            EVP_PKEY *theirs = d2i_PUBKEY(NULL, &at, (long)len);
            ck_assert_msg(!ours || EVP_PKEY_eq(ours, theirs) == 1, "byte %zu ^ %u", i, change);
            EVP_PKEY_free(ours);
            EVP_PKEY_free(theirs);
            der[i] ^= (unsigned char)change;
        }
    arena_free(&arena);
}
END_TEST

START_TEST(an_ed25519_key_is_32_bytes)
{
    static const unsigned char bytes[33] = {1, 2, 3};
    arena = arena_new();
    EVP_PKEY *key = key_reader_read(base64_of(bytes, 32), KEY_ED25519, arena);
    ck_assert_ptr_nonnull(key);
    EVP_PKEY_free(key);
    ck_assert_str_eq(key_reader_judge(base64_of(bytes, 33), KEY_ED25519, arena), "key is malformed");
    ck_assert_ptr_null(key_reader_read(base64_of(bytes, 33), KEY_ED25519, arena));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/signature/key_reader", rsa_keys_are_built_as_openssl_reads_them, changed_frames_are_read_as_openssl_reads_them,
          an_ed25519_key_is_32_bytes)
