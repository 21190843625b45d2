/* signing_key: see signing_key.h. */
#include "filters/dkim/signing_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

const char *signing_algorithm_name(enum signing_algorithm algorithm)
{
    static const char *const names[] = {"auto", "rsa-sha256", "ed25519-sha256"};
    return names[algorithm];
}

/* Nobody is there to type one. */
static int no_password(char *buffer, int size, int writing, void *ctx)
{
    (void)buffer, (void)size, (void)writing, (void)ctx;
    return -1;
}

static EVP_PKEY *decode(struct slice file)
{
    BIO *bio = BIO_new_mem_buf(file.ptr, (int)file.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
    if (!key && bio && BIO_reset(bio) == 1)
        key = d2i_PrivateKey_bio(bio, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

static void wipe(void *data)
{
    struct signing_key *key = data;
    char *pem = (char *)(uintptr_t)key->pem;
    OPENSSL_cleanse(pem, strlen(pem));
}

/* In the one form that the library that signs is sure to read. */
static bool keep_pem(struct signing_key *key, EVP_PKEY *pkey, struct arena *arena)
{
    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    bool good = bio && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1;
    long length = good ? BIO_get_mem_data(bio, &text) : 0;
    if (length > 0) {
        key->pem = arena_string(arena, slice_make(text, (size_t)length));
        OPENSSL_cleanse(text, (size_t)length);
        arena_add_cleanup(arena, wipe, key);
    }
    BIO_free(bio);
    return length > 0;
}

static const char *judge(struct signing_key *key, const EVP_PKEY *pkey, enum signing_algorithm wanted)
{
    int type = EVP_PKEY_get_base_id(pkey);
    if (type != EVP_PKEY_RSA && type != EVP_PKEY_ED25519)
        return "neither an RSA nor an Ed25519 key";
    key->algorithm = type == EVP_PKEY_RSA ? SIGNING_RSA_SHA256 : SIGNING_ED25519_SHA256;
    key->bits = type == EVP_PKEY_RSA ? (unsigned)EVP_PKEY_get_bits(pkey) : 0;
    if (wanted != SIGNING_AUTO && wanted != key->algorithm)
        return type == EVP_PKEY_RSA ? "an RSA key, not one for ed25519-sha256" : "an Ed25519 key, not one for rsa-sha256";
    if (type == EVP_PKEY_RSA && key->bits < SIGNING_KEY_BITS_MIN)
        return "the RSA key has under 1024 bits: nobody would accept its signatures (RFC 8301)";
    return NULL;
}

struct signing_key *signing_key_read(struct slice file, enum signing_algorithm wanted, struct arena *arena, const char **why)
{
    struct signing_key *key = arena_alloc(arena, sizeof *key);
    EVP_PKEY *pkey = decode(file);
    *why = pkey ? judge(key, pkey, wanted) : "holds no private key in PEM or DER that needs no password";
    if (!*why && !keep_pem(key, pkey, arena))
        *why = "the key cannot be used";
    EVP_PKEY_free(pkey);
    return *why ? NULL : key;
}
