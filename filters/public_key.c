/* public_key: see public_key.h. */
#include "filters/public_key.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum {
    BASE64_MAX = 4096,      /* no key and no signature of a sensible size is longer */
    RSA_BITS_MAX = 8192,    /* verification takes longer the longer the key */
    EXPONENT_BITS_MAX = 64, /* and the longer the exponent: hostile ones cost milliseconds */
    ED25519_BYTES = 32,
};

struct public_key {
    enum key_type type;
    EVP_PKEY *pkey;
};

static void release(void *data)
{
    struct public_key *key = data;
    EVP_PKEY_free(key->pkey);
}

/* Decodes and encodes again: only the one right spelling comes out the same. */
static bool decode(struct slice text, unsigned char out[BASE64_MAX], size_t *len)
{
    unsigned char again[BASE64_MAX + 4];
    if (text.len == 0 || text.len % 4 != 0 || text.len > BASE64_MAX)
        return false;
    int n = EVP_DecodeBlock(out, (const unsigned char *)text.ptr, (int)text.len);
    if (n < 0)
        return false;
    for (size_t i = 1; i <= 2 && text.ptr[text.len - i] == '='; i++)
        n--;
    *len = (size_t)n;
    EVP_EncodeBlock(again, out, n);
    return memcmp(again, text.ptr, text.len) == 0;
}

static bool exponent_is_sane(const EVP_PKEY *pkey)
{
    BIGNUM *e = NULL;
    bool sane = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_num_bits(e) <= EXPONENT_BITS_MAX;
    BN_free(e);
    return sane;
}

static const char *judge_rsa(const EVP_PKEY *pkey, int64_t min_bits)
{
    if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA)
        return "key is malformed";
    if (EVP_PKEY_get_bits(pkey) < min_bits)
        return "key is too short";
    if (EVP_PKEY_get_bits(pkey) > RSA_BITS_MAX || !exponent_is_sane(pkey))
        return "key is too long";
    return NULL;
}

/* SubjectPublicKeyInfo for RSA (RFC 6376 §3.6.1 as it is used), the bare 32 bytes for Ed25519 (RFC 8463 §4). */
static EVP_PKEY *make_key(enum key_type type, const unsigned char *bytes, size_t len)
{
    const unsigned char *end = bytes;
    if (type == KEY_ED25519)
        return len == ED25519_BYTES ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, len) : NULL;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &end, (long)len);
    if (pkey && end != bytes + len) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    return pkey;
}

/* The ABNF of RFC 6376 §2.10 lets base64 go without its padding. */
static struct slice padded(const char *base64, struct arena *arena)
{
    size_t len = strlen(base64);
    if (len % 4 < 2 || base64[len - 1] == '=')
        return slice_of(base64);
    return slice_of(arena_format(arena, "%s%s", base64, len % 4 == 2 ? "==" : "="));
}

struct public_key *public_key_read(const char *base64, enum key_type type, int64_t min_bits, struct arena *arena, const char **why)
{
    unsigned char bytes[BASE64_MAX];
    size_t len;
    *why = "key is malformed";
    EVP_PKEY *pkey = decode(padded(base64, arena), bytes, &len) ? make_key(type, bytes, len) : NULL;
    if (!pkey)
        return NULL;
    struct public_key *key = arena_alloc(arena, sizeof *key);
    *key = (struct public_key){type, pkey};
    arena_add_cleanup(arena, release, key);
    *why = type == KEY_RSA ? judge_rsa(pkey, min_bits) : NULL;
    return *why ? NULL : key;
}

/* A view of the DER that is still to be read. */
struct der {
    const unsigned char *at;
    long left;
};

/* Takes the header of the next object, which must be of that type, and leaves its contents in *inner. */
static bool der_enter(struct der *der, int type, struct der *inner)
{
    const unsigned char *at = der->at;
    long len;
    int tag, class;
    int flags = ASN1_get_object(&at, &len, &tag, &class, der->left);
    if (flags & 0x81 || tag != type || class != V_ASN1_UNIVERSAL) /* an error, or an indefinite length */
        return false;
    *inner = (struct der){at, len};
    der->left -= (at - der->at) + len;
    der->at = at + len;
    return true;
}

/* SEQUENCE { SEQUENCE algorithm, BIT STRING { SEQUENCE { INTEGER modulus, INTEGER exponent } } }, and nothing behind it. */
static bool der_find_numbers(struct der all, struct der *modulus, struct der *exponent)
{
    struct der outer, skipped, bits, key;
    if (!der_enter(&all, V_ASN1_SEQUENCE, &outer) || all.left != 0 || !der_enter(&outer, V_ASN1_SEQUENCE, &skipped) ||
        !der_enter(&outer, V_ASN1_BIT_STRING, &bits) || bits.left < 1)
        return false;
    struct der inside = {bits.at + 1, bits.left - 1}; /* behind the count of unused bits */
    return der_enter(&inside, V_ASN1_SEQUENCE, &key) && der_enter(&key, V_ASN1_INTEGER, modulus) &&
           der_enter(&key, V_ASN1_INTEGER, exponent);
}

const char *public_key_judge_cost(const char *base64, enum key_type type, struct arena *arena)
{
    unsigned char bytes[BASE64_MAX];
    struct der modulus, exponent;
    size_t len;
    if (!decode(padded(base64, arena), bytes, &len))
        return "key is malformed";
    if (type == KEY_ED25519)
        return len == ED25519_BYTES ? NULL : "key is malformed";
    if (!der_find_numbers((struct der){bytes, (long)len}, &modulus, &exponent))
        return "key is malformed";
    return modulus.left > RSA_BITS_MAX / 8 + 1 || exponent.left > EXPONENT_BITS_MAX / 8 + 1 ? "key is too long" : NULL;
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
    if (!decode(signature, bytes, &len))
        return false;
    return key->type == KEY_RSA ? verify_rsa(key->pkey, digest, bytes, len) : verify_ed25519(key->pkey, digest, bytes, len);
}

void digest_to_base64(const uint8_t digest[SHA256_BYTES], char text[48])
{
    EVP_EncodeBlock((unsigned char *)text, digest, SHA256_BYTES);
}
