#include "filters/dkim/signing_key.h"

#include "tests/unit/unit.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

static struct arena *arena;

enum form { PEM, TRADITIONAL, DER, LOCKED };

static struct slice file_of(EVP_PKEY *pkey, enum form form)
{
    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    if (form == DER)
        i2d_PrivateKey_bio(bio, pkey);
    else if (form == TRADITIONAL)
        PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0, NULL, NULL);
    else if (form == LOCKED)
        PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_128_cbc(), "password", 8, NULL, NULL);
    else
        PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
    long len = BIO_get_mem_data(bio, &text);
    struct slice copy = arena_copy(arena, slice_make(text, (size_t)len));
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    return copy;
}

static EVP_PKEY *ed25519(void)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

static void setup(void)
{
    arena = arena_new();
}

static void good(struct slice file, enum signing_algorithm wanted, enum signing_algorithm is, unsigned bits)
{
    const char *why = NULL;
    struct signing_key *key = signing_key_read(file, wanted, arena, &why);
    ck_assert_msg(key != NULL, "%s", why);
    ck_assert_int_eq((int)key->algorithm, (int)is);
    ck_assert_uint_eq(key->bits, bits);
    struct buf signature = {0};
    static const uint8_t digest[SHA256_BYTES] = "0123456789abcdef0123456789abcde";
    ck_assert(signing_key_sign(key, digest, &signature));
    ck_assert_uint_eq(signature.len, bits ? bits / 8 : 64);
    buf_release(&signature);
}

static void bad(struct slice file, enum signing_algorithm wanted, const char *reason)
{
    const char *why = NULL;
    ck_assert_ptr_null(signing_key_read(file, wanted, arena, &why));
    ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
}

START_TEST(keys_are_read_in_every_usual_form)
{
    setup();
    good(file_of(EVP_RSA_gen(2048), PEM), SIGNING_AUTO, SIGNING_RSA_SHA256, 2048);
    good(file_of(EVP_RSA_gen(1024), TRADITIONAL), SIGNING_RSA_SHA256, SIGNING_RSA_SHA256, 1024);
    good(file_of(EVP_RSA_gen(1024), DER), SIGNING_AUTO, SIGNING_RSA_SHA256, 1024);
    good(file_of(ed25519(), PEM), SIGNING_AUTO, SIGNING_ED25519_SHA256, 0);
    good(file_of(ed25519(), DER), SIGNING_ED25519_SHA256, SIGNING_ED25519_SHA256, 0);
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_no_such_key_is_refused_with_the_reason)
{
    setup();
    bad(file_of(EVP_RSA_gen(512), PEM), SIGNING_AUTO, "under 1024 bits");
    bad(file_of(EVP_RSA_gen(1024), PEM), SIGNING_ED25519_SHA256, "an RSA key, not one for ed25519");
    bad(file_of(ed25519(), PEM), SIGNING_RSA_SHA256, "an Ed25519 key, not one for rsa");
    bad(file_of(EVP_EC_gen("P-256"), PEM), SIGNING_AUTO, "neither");
    bad(file_of(ed25519(), LOCKED), SIGNING_AUTO, "needs no password");
    bad(SLICE(""), SIGNING_AUTO, "no private key");
    bad(SLICE("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n"), SIGNING_AUTO, "no private key");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("signing_key", keys_are_read_in_every_usual_form, what_is_no_such_key_is_refused_with_the_reason)
