/* digest: see digest.h. The algorithm is fetched once for each process: OpenSSL 3 searches for it whenever it is given by name. */
#include "filters/signature/digest.h"

#include <openssl/evp.h>

struct digest {
    EVP_MD_CTX *ctx;
    bool failed;
};

static const EVP_MD *sha256(void)
{
    static const EVP_MD *fetched;
    if (!fetched)
        fetched = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    return fetched;
}

static void release(void *data)
{
    struct digest *digest = data;
    EVP_MD_CTX_free(digest->ctx);
}

struct digest *digest_new(struct arena *arena)
{
    struct digest *digest = arena_alloc(arena, sizeof *digest);
    digest->ctx = EVP_MD_CTX_new();
    if (!digest->ctx)
        return NULL;
    arena_add_cleanup(arena, release, digest);
    digest_restart(digest);
    return digest;
}

static void note(struct digest *digest, int status)
{
    if (status != 1)
        digest->failed = true;
}

void digest_restart(struct digest *digest)
{
    digest->failed = false;
    note(digest, sha256() ? EVP_DigestInit_ex(digest->ctx, sha256(), NULL) : 0);
}

void digest_add(struct digest *digest, struct slice s)
{
    note(digest, EVP_DigestUpdate(digest->ctx, s.ptr, s.len));
}

bool digest_of(struct digest *digest, uint8_t out[SHA256_BYTES])
{
    static EVP_MD_CTX *scratch; /* one per process */
    if (!scratch)
        scratch = EVP_MD_CTX_new();
    return !digest->failed && scratch && EVP_MD_CTX_copy_ex(scratch, digest->ctx) == 1 && EVP_DigestFinal_ex(scratch, out, NULL) == 1;
}

void digest_continue(struct digest *digest, const struct digest *from)
{
    digest->failed = from->failed;
    note(digest, EVP_MD_CTX_copy_ex(digest->ctx, from->ctx));
}

void digest_to_base64(const uint8_t digest[SHA256_BYTES], char text[SHA256_BASE64])
{
    EVP_EncodeBlock((unsigned char *)text, digest, SHA256_BYTES);
}
