/* key_reader: see key_reader.h.
 *
 * OpenSSL 3 tries its many decoders in turn on each key. What nearly all RSA keys look like is therefore taken apart here, and built of
 * its two numbers in a fifth of the time; what looks otherwise is left to OpenSSL. */
#include "filters/signature/key_reader.h"

#include "filters/signature/base64.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

enum {
    RSA_BITS_MAX = 8192,    /* verification takes longer the longer the key */
    EXPONENT_BITS_MAX = 64, /* and the longer the exponent: hostile ones cost milliseconds */
    ED25519_BYTES = 32,
};

/* A view of the DER that is still to be read. */
struct der {
    const unsigned char *at;
    long left;
};

struct rsa_numbers {
    struct der algorithm, modulus, exponent;
    bool tidy; /* nothing behind any of them */
};

/* Takes the header of the next object, which must be of that type, and leaves its contents in *inner. */
static bool enter(struct der *der, int type, struct der *inner)
{
    const unsigned char *at = der->at;
    long len;
    int tag, class;
    int flags = ASN1_get_object(&at, &len, &tag, &class, der->left);
    int expected = type == V_ASN1_SEQUENCE ? V_ASN1_CONSTRUCTED : 0; /* and no flag for an error, or an indefinite length */
    if (flags != expected || tag != type || class != V_ASN1_UNIVERSAL)
        return false;
    *inner = (struct der){at, len};
    der->left -= (at - der->at) + len;
    der->at = at + len;
    return true;
}

/* SEQUENCE { SEQUENCE algorithm, BIT STRING { SEQUENCE { INTEGER modulus, INTEGER exponent } } }, and nothing behind it. */
static bool find_numbers(struct der all, struct rsa_numbers *out)
{
    struct der outer, bits, key;
    if (!enter(&all, V_ASN1_SEQUENCE, &outer) || all.left != 0 || !enter(&outer, V_ASN1_SEQUENCE, &out->algorithm) ||
        !enter(&outer, V_ASN1_BIT_STRING, &bits) || bits.left < 1)
        return false;
    struct der inside = {bits.at + 1, bits.left - 1}; /* behind the count of unused bits */
    if (!enter(&inside, V_ASN1_SEQUENCE, &key) || !enter(&key, V_ASN1_INTEGER, &out->modulus) ||
        !enter(&key, V_ASN1_INTEGER, &out->exponent))
        return false;
    out->tidy = bits.at[0] == 0 && outer.left == 0 && inside.left == 0 && key.left == 0;
    return true;
}

/* DER has one form for a positive number. */
static bool is_positive(struct der number)
{
    if (number.left < 1 || number.at[0] >= 0x80)
        return false;
    return number.at[0] != 0 || (number.left > 1 && number.at[1] >= 0x80);
}

static bool has_more_bits(struct der number, long bits)
{
    long padding = number.left > 0 && number.at[0] == 0 ? 1 : 0;
    return number.left - padding > bits / 8;
}

static bool is_usual(const struct rsa_numbers *numbers)
{
    static const unsigned char rsa_encryption[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    return numbers->tidy && is_positive(numbers->modulus) && is_positive(numbers->exponent) &&
           numbers->algorithm.left == sizeof rsa_encryption && memcmp(numbers->algorithm.at, rsa_encryption, sizeof rsa_encryption) == 0;
}

static EVP_PKEY *build_from(OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *build_rsa(const struct rsa_numbers *numbers)
{
    BIGNUM *n = BN_bin2bn(numbers->modulus.at, (int)numbers->modulus.left, NULL);
    BIGNUM *e = BN_bin2bn(numbers->exponent.at, (int)numbers->exponent.left, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (n && e && builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY *key = params ? build_from(params) : NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

static EVP_PKEY *read_unusual(const unsigned char *bytes, size_t len)
{
    const unsigned char *end = bytes;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &end, (long)len);
    if (key && (end != bytes + len || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

/* The ABNF of RFC 6376 §2.10 lets base64 go without its padding. */
static struct slice padded(struct slice base64, struct arena *arena)
{
    if (base64.len % 4 < 2 || base64.ptr[base64.len - 1] == '=')
        return base64;
    return slice_of(arena_format(arena, "%.*s%s", SLICE_FMT(base64), base64.len % 4 == 2 ? "==" : "="));
}

const char *key_reader_judge(struct slice base64, enum key_type type, struct arena *arena)
{
    unsigned char bytes[BASE64_MAX];
    struct rsa_numbers numbers;
    size_t len;
    if (!base64_decode(padded(base64, arena), bytes, &len))
        return "key is malformed";
    if (type == KEY_ED25519)
        return len == ED25519_BYTES ? NULL : "key is malformed";
    if (!find_numbers((struct der){bytes, (long)len}, &numbers))
        return "key is malformed";
    return has_more_bits(numbers.modulus, RSA_BITS_MAX) || has_more_bits(numbers.exponent, EXPONENT_BITS_MAX) ? "key is too long" : NULL;
}

EVP_PKEY *key_reader_read(struct slice base64, enum key_type type, struct arena *arena)
{
    unsigned char bytes[BASE64_MAX];
    struct rsa_numbers numbers;
    size_t len;
    if (!base64_decode(padded(base64, arena), bytes, &len))
        return NULL;
    if (type == KEY_ED25519)
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, len);
    if (find_numbers((struct der){bytes, (long)len}, &numbers) && is_usual(&numbers))
        return build_rsa(&numbers);
    return read_unusual(bytes, len);
}
