/* public_key: see public_key.h. */
#include "filters/signature/public_key.h"

#include "filters/signature/base64.h"
#include "filters/signature/key_cache.h"
#include "filters/signature/key_reader.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

struct public_key {
    enum key_type type;
    EVP_PKEY *pkey;
};

static void release(void *data)
{
    struct public_key *key = data;
    EVP_PKEY_free(key->pkey);
}

static EVP_PKEY *find_cached(struct slice base64, enum key_type type)
{
    EVP_PKEY *pkey = key_cache_find(base64);
    if (pkey && EVP_PKEY_get_base_id(pkey) != (type == KEY_RSA ? EVP_PKEY_RSA : EVP_PKEY_ED25519)) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    return pkey;
}

static EVP_PKEY *read_new(struct slice base64, enum key_type type, struct arena *arena, const char **why)
{
    *why = key_reader_judge(base64, type, arena);
    if (*why)
        return NULL;
    EVP_PKEY *pkey = key_reader_read(base64, type, arena);
    if (pkey)
        key_cache_add(base64, pkey);
    else
        *why = "key is malformed";
    return pkey;
}

struct public_key *public_key_read(const char *base64, enum key_type type, int64_t min_bits, struct arena *arena, const char **why)
{
    struct slice text = slice_of(base64);
    EVP_PKEY *pkey = find_cached(text, type);
    *why = NULL;
    if (!pkey)
        pkey = read_new(text, type, arena, why);
    if (!pkey)
        return NULL;
    struct public_key *key = arena_alloc(arena, sizeof *key);
    *key = (struct public_key){type, pkey};
    arena_add_cleanup(arena, release, key);
    if (type == KEY_RSA && public_key_bits(key) < min_bits)
        *why = "key is too short";
    return *why ? NULL : key;
}

int64_t public_key_bits(const struct public_key *key)
{
    return EVP_PKEY_get_bits(key->pkey);
}

const char *public_key_judge_cost(const char *base64, enum key_type type, struct arena *arena)
{
    return key_reader_judge(slice_of(base64), type, arena);
}

static bool verify_rsa(EVP_PKEY *pkey, const uint8_t *digest, const unsigned char *signature, size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    bool good = ctx && EVP_PKEY_verify_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 && EVP_PKEY_verify(ctx, signature, len, digest, SHA256_BYTES) == 1;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

static bool verify_ed25519(EVP_PKEY *pkey, const uint8_t *digest, const unsigned char *signature, size_t len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good =
        ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 && EVP_DigestVerify(ctx, signature, len, digest, SHA256_BYTES) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

bool public_key_verify(const struct public_key *key, const uint8_t digest[SHA256_BYTES], struct slice signature)
{
    unsigned char bytes[BASE64_MAX];
    size_t len;
    if (!base64_decode(signature, bytes, &len))
        return false;
    return key->type == KEY_RSA ? verify_rsa(key->pkey, digest, bytes, len) : verify_ed25519(key->pkey, digest, bytes, len);
}
