/* signing_key: see signing_key.h. */
#include "filters/dkim/signing_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

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

static void release(void *data)
{
    EVP_PKEY_free(data);
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
    if (key->bits > SIGNING_KEY_BITS_MAX)
        return "the RSA key has over 8192 bits: a signature would take too long";
    return NULL;
}

struct signing_key *signing_key_read(struct slice file, enum signing_algorithm wanted, struct arena *arena, const char **why)
{
    EVP_PKEY *pkey = decode(file);
    *why = "holds no private key in PEM or DER that needs no password";
    if (!pkey)
        return NULL;
    struct signing_key *key = arena_alloc(arena, sizeof *key);
    key->pkey = pkey;
    arena_add_cleanup(arena, release, pkey);
    *why = judge(key, pkey, wanted);
    return *why ? NULL : key;
}

static bool sign_rsa(EVP_PKEY_CTX *ctx, const uint8_t digest[SHA256_BYTES], unsigned char *signature, size_t *length)
{
    return EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 && EVP_PKEY_sign(ctx, signature, length, digest, SHA256_BYTES) == 1;
}

static bool sign_ed25519(EVP_PKEY *pkey, const uint8_t digest[SHA256_BYTES], unsigned char *signature, size_t *length)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool good =
        md && EVP_DigestSignInit(md, NULL, NULL, NULL, pkey) == 1 && EVP_DigestSign(md, signature, length, digest, SHA256_BYTES) == 1;
    EVP_MD_CTX_free(md);
    return good;
}

bool signing_key_sign(const struct signing_key *key, const uint8_t digest[SHA256_BYTES], struct buf *out)
{
    size_t length = (size_t)EVP_PKEY_get_size(key->pkey);
    unsigned char *signature = (unsigned char *)buf_reserve(out, length);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    bool good = ctx && (key->algorithm == SIGNING_RSA_SHA256 ? sign_rsa(ctx, digest, signature, &length)
                                                             : sign_ed25519(key->pkey, digest, signature, &length));
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    out->len += good ? length : 0;
    return good;
}
